# One object model in every language. Compares what this build has; tomllib needs Python 3.11.
set(languages)
if(AZATTEST_PYTHON)
  list(APPEND languages --python ${Python3_EXECUTABLE})
endif()
if(AZATTEST_LUA AND NOT AZATTEST_SANITIZE)
  list(APPEND languages --lua lua5.4 --lua luajit --resty)
endif()
find_package(Python3 3.11 COMPONENTS Interpreter)
if(Python3_EXECUTABLE)
  add_test(NAME parity COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/parity.py
    --source ${PROJECT_SOURCE_DIR} --build ${PROJECT_BINARY_DIR} ${languages})
  set_tests_properties(parity PROPERTIES LABELS parity)
endif()
