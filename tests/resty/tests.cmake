# The OpenResty modules: inside an nginx of the tests' own, and the parts that need none under plain LuaJIT. Standard
# unittest; what has no nginx with Lua is skipped, and says so.
foreach(name harness)
  add_test(NAME resty.${name} COMMAND ${Python3_EXECUTABLE} -m unittest -v test_${name}
    WORKING_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})
  set(environment AZATTEST_LUA_TREE=${lua_tree}/luajit PYTHONDONTWRITEBYTECODE=1)
  if(TARGET azattest_command)
    list(APPEND environment AZATTEST_COMMAND=$<TARGET_FILE:azattest_command>)
  endif()
  set_tests_properties(resty.${name} PROPERTIES TIMEOUT 300 LABELS resty ENVIRONMENT "${environment}")
endforeach()
