# The OpenResty modules: inside an nginx of the tests' own (standard unittest; what has no nginx with Lua is skipped, and
# says so), and the HTTP reader under plain LuaJIT.
set(resty_environment AZATTEST_LUA_TREE=${lua_tree}/luajit PYTHONDONTWRITEBYTECODE=1)
if(TARGET azattest_command)
  list(APPEND resty_environment AZATTEST_COMMAND=$<TARGET_FILE:azattest_command>)
endif()
foreach(name harness calls connections keys guard)
  add_test(NAME resty.${name} COMMAND ${Python3_EXECUTABLE} -m unittest -v test_${name}
    WORKING_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})
  set_tests_properties(resty.${name} PROPERTIES TIMEOUT 300 LABELS resty ENVIRONMENT "${resty_environment}")
endforeach()

add_test(NAME resty.http COMMAND ${LUAJIT_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/http.lua)
set_tests_properties(resty.http PROPERTIES TIMEOUT 300 LABELS resty ENVIRONMENT "${lua_environment_luajit}")
