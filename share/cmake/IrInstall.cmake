# cmake --install: programs, library, headers, man pages, completions, share, CMake package `ir-tools`.
include(CMakePackageConfigHelpers)
install(TARGETS ir EXPORT ir-tools LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ir)
foreach(section 1 5 7)
  file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/man/*.${section})
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
install(DIRECTORY completions/bash/ DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions OPTIONAL)
install(DIRECTORY completions/zsh/ DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions OPTIONAL)
install(DIRECTORY share/python share/examples share/doc DESTINATION ${CMAKE_INSTALL_DATADIR}/ir-tools
        PATTERN "__pycache__" EXCLUDE)
install(EXPORT ir-tools NAMESPACE ir:: FILE ir-tools-targets.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ir-tools)
configure_package_config_file(${PROJECT_SOURCE_DIR}/share/cmake/ir-tools-config.cmake.in
  ${PROJECT_BINARY_DIR}/ir-tools-config.cmake INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ir-tools)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ir-tools-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ir-tools-config.cmake ${PROJECT_BINARY_DIR}/ir-tools-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ir-tools)
