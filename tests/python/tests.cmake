# The Python package, in the build folder, under the interpreter it was built for. Standard unittest.
foreach(name token result evidence evidence_facts collateral appraisal client attest admin async_credential official policy_language policy_service service credentials threads aio aio_credentials aio_service aio_processes types)
  add_test(NAME python.${name} COMMAND ${Python3_EXECUTABLE} -m unittest -v test_${name}
    WORKING_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})
  set(environment PYTHONPATH=${PROJECT_BINARY_DIR}/python PYTHONDONTWRITEBYTECODE=1)
  if(TARGET azattest_command)
    list(APPEND environment AZATTEST_COMMAND=$<TARGET_FILE:azattest_command>)
  endif()
  set_tests_properties(python.${name} PROPERTIES TIMEOUT 300 LABELS python ENVIRONMENT "${environment}")
endforeach()
