# The short form of the soak; the long one is run by hand: python3 tests/soak/run.py build/default
add_executable(soak soak/soak.c)
target_link_libraries(soak PRIVATE azattest_build azattest_inside)
add_test(NAME soak.quick COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/run.py ${PROJECT_BINARY_DIR} --quick)
set_tests_properties(soak.quick PROPERTIES TIMEOUT 600 LABELS soak ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
add_test(NAME soak.growth COMMAND ${Python3_EXECUTABLE} -m unittest -v test_growth WORKING_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})
set_tests_properties(soak.growth PROPERTIES LABELS soak ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
