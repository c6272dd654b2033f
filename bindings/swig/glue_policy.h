/*
 * Options of the policy language, as those of glue_options.h. A part of glue.h, which includes it behind that one.
 */
#ifndef AZATTEST_PY_GLUE_POLICY_H
#define AZATTEST_PY_GLUE_POLICY_H

static const struct azattest_py_member azattest_py_parse_members[] = {
    PY_MEMBER(azattest_policy_parse_options, PY_STRING, attestation_type),
    PY_MEMBER(azattest_policy_parse_options, PY_SWITCH, lenient),
    { NULL, PY_OTHER, 0 },
};

static bool azattest_py_fill_parse(PyObject *dictionary, azattest_policy_parse_options *holder,
                                   azattest_policy_parse_options **options)
{
    *holder = (azattest_policy_parse_options)AZATTEST_POLICY_PARSE_OPTIONS_INIT;
    *options = holder;
    return azattest_py_fill(holder, azattest_py_parse_members, dictionary, NULL);
}

static const struct azattest_py_member azattest_py_evaluation_members[] = {
    PY_MEMBER(azattest_evaluation_options, PY_INT64, work_limit), /* the facade lets nothing negative through */
    { NULL, PY_OTHER, 0 },
};

static bool azattest_py_fill_evaluation(PyObject *dictionary, azattest_evaluation_options *holder,
                                        azattest_evaluation_options **options)
{
    *holder = (azattest_evaluation_options)AZATTEST_EVALUATION_OPTIONS_INIT;
    *options = holder;
    return azattest_py_fill(holder, azattest_py_evaluation_members, dictionary, NULL);
}

static const struct azattest_py_member azattest_py_claims_members[] = {
    PY_MEMBER(azattest_claims_options, PY_STRING, attestation_type),
    PY_MEMBER(azattest_claims_options, PY_BYTES, runtime_data),
    PY_MEMBER(azattest_claims_options, PY_BYTES, runtime_json),
    PY_MEMBER(azattest_claims_options, PY_BYTES, inittime_data),
    PY_MEMBER(azattest_claims_options, PY_BYTES, inittime_json),
    PY_MEMBER(azattest_claims_options, PY_STRING, nonce),
    { NULL, PY_OTHER, 0 },
};

static bool azattest_py_fill_claims(PyObject *dictionary, azattest_claims_options *holder,
                                    azattest_claims_options **options)
{
    *holder = (azattest_claims_options)AZATTEST_CLAIMS_OPTIONS_INIT;
    *options = holder;
    return azattest_py_fill(holder, azattest_py_claims_members, dictionary, NULL);
}

#endif
