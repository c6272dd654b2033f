# Benchmarks are built with the tests and run by hand: python3 tests/bench/run.py build/default
add_executable(bench_fixture bench/fixture.c $<TARGET_OBJECTS:azattest_simulator_objects>
  $<TARGET_OBJECTS:azattest_issue>)
target_link_libraries(bench_fixture PRIVATE azattest_build azattest_inside)
add_executable(bench_service bench/service.c bench/service_answers.c)
target_link_libraries(bench_service PRIVATE azattest_build OpenSSL::SSL OpenSSL::Crypto)
include(bench/peers/peers.cmake)

add_library(azattest_bench_measure OBJECT bench/measure.c)
target_link_libraries(azattest_bench_measure PRIVATE azattest_build PUBLIC azattest PkgConfig::CURL)
add_executable(bench_validate bench/validate.c)
target_link_libraries(bench_validate PRIVATE azattest_build azattest_bench_measure PkgConfig::CJSON OpenSSL::Crypto)
add_executable(bench_attest_scripted bench/attest_scripted.c)
target_link_libraries(bench_attest_scripted PRIVATE azattest_build azattest_bench_measure)
add_executable(bench_attest bench/attest.c)
target_link_libraries(bench_attest PRIVATE azattest_build azattest_bench_measure)

# bare libcurl: not even the loading of ours
add_executable(bench_startup_floor bench/startup_floor.c)
target_link_libraries(bench_startup_floor PRIVATE azattest_build PkgConfig::CURL)
add_executable(bench_startup bench/startup.c)
target_link_libraries(bench_startup PRIVATE azattest_build azattest_bench_measure)
add_executable(bench_inflight bench/inflight.c)
target_link_libraries(bench_inflight PRIVATE azattest_build azattest_bench_measure)

add_executable(bench_quotes bench/quotes.c)
target_link_libraries(bench_quotes PRIVATE azattest_build azattest_bench_measure)
add_executable(bench_quotes_floor bench/quotes_floor.c)
target_link_libraries(bench_quotes_floor PRIVATE azattest_build azattest_bench_measure PkgConfig::CJSON OpenSSL::Crypto)

add_executable(bench_policies bench/policies.c)
target_link_libraries(bench_policies PRIVATE azattest_build azattest_bench_measure)
add_executable(bench_policies_floor bench/policies_floor.c)
target_link_libraries(bench_policies_floor PRIVATE azattest_build azattest_bench_measure PkgConfig::CJSON)

if(AZATTEST_LUA) # for the suite `guard`
  add_library(bench_bare MODULE bench/bare_verify.c)
  target_include_directories(bench_bare SYSTEM PRIVATE ${LUAJIT_INCLUDE_DIRS})
  target_link_libraries(bench_bare PRIVATE azattest_build OpenSSL::Crypto)
  set_target_properties(bench_bare PROPERTIES PREFIX "" C_VISIBILITY_PRESET default)
endif()

# That each row comes out; no number is judged.
add_test(NAME bench.quick COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/bench/quick.py ${PROJECT_BINARY_DIR})
set_tests_properties(bench.quick PROPERTIES TIMEOUT 900 LABELS bench)
