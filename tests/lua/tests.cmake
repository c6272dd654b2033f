# The Lua modules in both machines, with one set of tests. Sanitized modules need a sanitized interpreter: the tests of
# memory that count blocks stand in for that.
find_program(LUA54_EXECUTABLE NAMES lua5.4 REQUIRED)
find_program(LUAJIT_EXECUTABLE NAMES luajit REQUIRED)
pkg_check_modules(LUA54 REQUIRED lua5.4)

set(lua_tree ${PROJECT_BINARY_DIR}/lua)
foreach(machine 5.4 luajit)
  set(lua_environment_${machine}
    "LUA_PATH=${lua_tree}/${machine}/?.lua" "LUA_PATH_5_4=${lua_tree}/${machine}/?.lua"
    "LUA_CPATH=${lua_tree}/${machine}/?.so" "LUA_CPATH_5_4=${lua_tree}/${machine}/?.so")
  if(AZATTEST_COMMAND)
    list(APPEND lua_environment_${machine} "AZATTEST_COMMAND=$<TARGET_FILE:azattest_command>")
  endif()
endforeach()

add_test(NAME lua.5_4 COMMAND ${LUA54_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/lua/run.lua)
add_test(NAME lua.luajit COMMAND ${LUAJIT_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/lua/run.lua)
set_tests_properties(lua.5_4 PROPERTIES TIMEOUT 300 LABELS lua ENVIRONMENT "${lua_environment_5.4}")
set_tests_properties(lua.luajit PROPERTIES TIMEOUT 300 LABELS lua ENVIRONMENT "${lua_environment_luajit}")

# Lua's memory errors, at every allocation. LuaJIT takes no allocator of others on this architecture.
add_executable(lua_allocation lua/allocation.c)
target_include_directories(lua_allocation SYSTEM PRIVATE ${LUA54_INCLUDE_DIRS})
target_link_libraries(lua_allocation PRIVATE azattest_build ${LUA54_LINK_LIBRARIES})
set_target_properties(lua_allocation PROPERTIES ENABLE_EXPORTS ON)
add_test(NAME lua.allocation COMMAND lua_allocation ${CMAKE_CURRENT_SOURCE_DIR}/lua/allocation.lua)
set_tests_properties(lua.allocation PROPERTIES TIMEOUT 600 LABELS lua ENVIRONMENT "${lua_environment_5.4}")

find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME lua.annotations COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/lua/annotate.py --check)
