/** Marks of the public interface: visibility, results that must be looked at, C++ linkage. */
#ifndef AZATTEST_EXPORT_H
#define AZATTEST_EXPORT_H

#if defined(__GNUC__)
#define AZATTEST_API __attribute__((visibility("default")))
#define AZATTEST_MUST_CHECK __attribute__((warn_unused_result))
#else
#define AZATTEST_API
#define AZATTEST_MUST_CHECK
#endif

#ifdef __cplusplus
#define AZATTEST_BEGIN extern "C" {
#define AZATTEST_END }
#else
#define AZATTEST_BEGIN
#define AZATTEST_END
#endif

#endif
