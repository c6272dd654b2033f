# A machine for each thread. The program is the host of its modules, so that this runs with sanitizers too.
pkg_check_modules(LUA54 REQUIRED lua5.4)
pkg_check_modules(LUAJIT REQUIRED luajit)

function(lua_threads machine name includes libraries)
  add_executable(lua_threads_${name} lua/threads.c)
  target_include_directories(lua_threads_${name} SYSTEM PRIVATE ${includes})
  target_link_libraries(lua_threads_${name} PRIVATE azattest_build ${libraries} Threads::Threads)
  set_target_properties(lua_threads_${name} PROPERTIES ENABLE_EXPORTS ON)
  set(tree ${PROJECT_BINARY_DIR}/lua/${machine})
  add_test(NAME lua.threads_${name}
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/lua/threads.py $<TARGET_FILE:lua_threads_${name}>)
  set_tests_properties(lua.threads_${name} PROPERTIES TIMEOUT 300 LABELS "lua;threads" ENVIRONMENT
    "LUA_PATH=${tree}/?.lua;LUA_PATH_5_4=${tree}/?.lua;LUA_CPATH=${tree}/?.so;LUA_CPATH_5_4=${tree}/?.so;AZATTEST_COMMAND=$<TARGET_FILE:azattest_command>;PYTHONDONTWRITEBYTECODE=1")
  add_dependencies(threads_tests lua_threads_${name} lua_core_${machine} lua_curl_${machine} lua_files_${machine}
    azattest_command)
endfunction()

lua_threads(5.4 5_4 "${LUA54_INCLUDE_DIRS}" "${LUA54_LINK_LIBRARIES}")
lua_threads(luajit luajit "${LUAJIT_INCLUDE_DIRS}" "${LUAJIT_LINK_LIBRARIES}")
