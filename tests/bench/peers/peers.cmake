# C libraries that token validation is compared with, each where its header and library are; run.py says which are not.
# Looked for by file: libcjose's pkg-config file asks for a package that its Debian package does not bring.
function(bench_peer name header library)
  find_path(AZATTEST_BENCH_${name}_HEADERS ${header})
  find_library(AZATTEST_BENCH_${name}_LIBRARY ${library})
  mark_as_advanced(AZATTEST_BENCH_${name}_HEADERS AZATTEST_BENCH_${name}_LIBRARY)
  if(AZATTEST_BENCH_${name}_HEADERS AND AZATTEST_BENCH_${name}_LIBRARY)
    add_executable(bench_peer_${name} bench/peers/peer.c bench/peers/${name}.c)
    target_include_directories(bench_peer_${name} SYSTEM PRIVATE ${AZATTEST_BENCH_${name}_HEADERS})
    target_link_libraries(bench_peer_${name} PRIVATE azattest_build ${AZATTEST_BENCH_${name}_LIBRARY} PkgConfig::CJSON
      OpenSSL::Crypto)
  else()
    message(STATUS "benchmarks leave out ${name}: there is no ${header} (tests/support/setup.sh knows the package)")
  endif()
endfunction()

bench_peer(cjose cjose/cjose.h cjose)
bench_peer(libjwt jwt.h jwt)
