# One .deb a component, by CPack. Dependencies on libraries are read off the programs by dpkg-shlibdeps.
set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "The Sallyport authors <sallyport@example.invalid>")
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(scripts ${CMAKE_CURRENT_SOURCE_DIR}/debian)

set(CPACK_DEBIAN_AGENT_PACKAGE_NAME sallyport-agent)
set(CPACK_COMPONENT_AGENT_DESCRIPTION "Sallyport agent: watches a CLETS terminal's physical protection
Reports devices, print jobs, sessions and changes of the machine, signed and
durably spooled, to the agency's collector. Runs as a user without privileges.")
set(CPACK_DEBIAN_AGENT_PACKAGE_DEPENDS "systemd, udev")
set(CPACK_DEBIAN_AGENT_PACKAGE_RECOMMENDS "apparmor")
set(CPACK_DEBIAN_AGENT_PACKAGE_SUGGESTS "sallyport-camera")
set(CPACK_DEBIAN_AGENT_PACKAGE_CONTROL_EXTRA
    ${scripts}/agent/postinst ${scripts}/agent/prerm ${scripts}/agent/postrm ${scripts}/agent/conffiles)

set(CPACK_DEBIAN_CAMERA_PACKAGE_NAME sallyport-camera)
set(CPACK_COMPONENT_CAMERA_DESCRIPTION "Sallyport camera: watches over the privacy of a CLETS terminal's screen
Tells counts and states, never pictures. Without this package the agent cannot
open a camera; with it, only while the terminal's enable file and the agency's
permit say so.")
set(CPACK_DEBIAN_CAMERA_PACKAGE_DEPENDS "sallyport-agent (= ${PROJECT_VERSION}-1)")
set(CPACK_DEBIAN_CAMERA_PACKAGE_CONTROL_EXTRA
    ${scripts}/camera/postinst ${scripts}/camera/postrm ${scripts}/camera/conffiles)

set(CPACK_DEBIAN_HOLD_PACKAGE_NAME sallyport-usb-hold)
set(CPACK_COMPONENT_HOLD_DESCRIPTION "Sallyport USB hold: keeps unknown USB devices from working
For terminals whose agent enforces the agency's list of devices. Holds what
is plugged until the agent has decided, and lets keyboards and mice work again
when the agent is gone.")
set(CPACK_DEBIAN_HOLD_PACKAGE_DEPENDS "sallyport-agent (= ${PROJECT_VERSION}-1), udev")
set(CPACK_DEBIAN_HOLD_PACKAGE_CONTROL_EXTRA
    ${scripts}/hold/postinst ${scripts}/hold/prerm ${scripts}/hold/postrm ${scripts}/hold/conffiles)

set(CPACK_DEBIAN_COLLECTOR_PACKAGE_NAME sallyport-collector)
set(CPACK_COMPONENT_COLLECTOR_DESCRIPTION "Sallyport collector: verifies, stores and judges what terminals report
The agency's server with its console for SPOC and PSD, the rules, and
sallyportctl for certificates, registers, rules and accounts.")
set(CPACK_DEBIAN_COLLECTOR_PACKAGE_DEPENDS "systemd, openssl")
set(CPACK_DEBIAN_COLLECTOR_PACKAGE_RECOMMENDS "mosquitto (>= 2.0.11), apparmor")
set(CPACK_DEBIAN_COLLECTOR_PACKAGE_CONTROL_EXTRA
    ${scripts}/collector/postinst ${scripts}/collector/prerm ${scripts}/collector/postrm ${scripts}/collector/conffiles)

include(CPack)
