# Independent witnesses: the official SDKs against the local service. Skipped, with the reason, where they cannot be had.
function(witness_test name folder)
  add_test(NAME witness.${name} COMMAND ${Python3_EXECUTABLE} ${ARGN})
  set_tests_properties(witness.${name} PROPERTIES TIMEOUT 1200 LABELS witness SKIP_RETURN_CODE 77
    ENVIRONMENT "AZATTEST_COMMAND=$<TARGET_FILE:azattest_command>;PYTHONPATH=${folder};PYTHONDONTWRITEBYTECODE=1")
endfunction()

set(here ${CMAKE_CURRENT_LIST_DIR})
set(sdks ${PROJECT_BINARY_DIR}/witness) # where install.py puts them
set(modules ${PROJECT_BINARY_DIR}/python)
foreach(name javascript python asyncio)
  witness_test(${name} "" ${here}/witness.py ${name} ${sdks})
endforeach()
if(AZATTEST_PYTHON)
  foreach(name same_program async_credential policy_tokens)
    witness_test(${name} ${modules} ${here}/witness.py ${name} ${sdks})
  endforeach()
endif()
if(NOT AZATTEST_SANITIZE)
  witness_test(coming_from "" ${here}/coming_from.py ${sdks})
  witness_test(intel_verdicts "" ${here}/intel_verdicts.py $<TARGET_FILE:azattest_core> ${sdks}/dcap_qvl)
endif()
# Our JMESPath against PyPI's.
add_executable(jmespath_answers ${here}/jmespath_answers.c)
target_link_libraries(jmespath_answers PRIVATE azattest_build azattest_inside)
witness_test(jmespath "" ${here}/jmespath_differences.py $<TARGET_FILE:jmespath_answers> ${sdks})
