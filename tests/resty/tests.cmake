# The OpenResty modules: inside an nginx of the tests' own (standard unittest; what has no nginx with Lua is skipped, and
# says so), and the HTTP reader under plain LuaJIT.
set(resty_environment AZATTEST_LUA_TREE=${lua_tree}/luajit PYTHONDONTWRITEBYTECODE=1)
if(TARGET azattest_command)
  list(APPEND resty_environment AZATTEST_COMMAND=$<TARGET_FILE:azattest_command>)
endif()
foreach(name harness sources policies calls collateral connections hostile keys guard)
  add_test(NAME resty.${name} COMMAND ${Python3_EXECUTABLE} -m unittest -v test_${name}
    WORKING_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})
  set_tests_properties(resty.${name} PROPERTIES TIMEOUT 300 LABELS resty ENVIRONMENT "${resty_environment}")
endforeach()

add_test(NAME resty.http COMMAND ${LUAJIT_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/http.lua)
set_tests_properties(resty.http PROPERTIES TIMEOUT 300 LABELS resty ENVIRONMENT "${lua_environment_luajit}")

# A process that brings another OpenSSL.
foreach(name other_version second_place)
  add_library(openssl_${name} MODULE resty/other_openssl.c)
  set_target_properties(openssl_${name} PROPERTIES PREFIX "" C_VISIBILITY_PRESET default)
endforeach()
target_compile_definitions(openssl_other_version PRIVATE OTHER_VERSION)
add_test(NAME resty.openssl COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/openssl.sh ${LUAJIT_EXECUTABLE}
  $<TARGET_FILE:openssl_other_version> $<TARGET_FILE:openssl_second_place>)
set_tests_properties(resty.openssl PROPERTIES LABELS resty ENVIRONMENT "${lua_environment_luajit}")
