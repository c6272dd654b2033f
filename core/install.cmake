# Headers, libraries, pkg-config and CMake package files.
include(CMakePackageConfigHelpers)

install(TARGETS azattest_core azattest azattest_simulator EXPORT azattest-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/azattest DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT azattest-targets NAMESPACE azattest:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/azattest)

configure_package_config_file(azattest-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/azattest-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/azattest)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/azattest-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/azattest-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/azattest-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/azattest)

# The prefix is found from where the file lies, so that `cmake --install --prefix` and moved trees work.
file(RELATIVE_PATH pc_up /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" pc_up "${pc_up}")

# One pkg-config file for each library; what they link privately is told only to those who link statically.
foreach(library azattest_core azattest azattest_simulator)
  string(REPLACE "_" "-" package ${library})
  set(pc_library ${library})
  set(pc_package ${package})
  set(pc_requires "")
  if(library STREQUAL "azattest")
    set(pc_requires "azattest-core = ${PROJECT_VERSION}")
  endif()
  configure_file(azattest.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${package}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${package}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
