# Every foreign library, found once, by its Debian 12 package. Rooms link the targets named here.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(simdjson REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
# Debian 12's default Boost is 1.74; Beast and JSON are taken from 1.81, asked for by name.
find_package(Boost 1.81 EXACT REQUIRED COMPONENTS json)

pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(LIBUSB REQUIRED IMPORTED_TARGET libusb-1.0)
pkg_check_modules(LIBUDEV REQUIRED IMPORTED_TARGET libudev)
pkg_check_modules(SDBUS REQUIRED IMPORTED_TARGET sdbus-c++)
pkg_check_modules(LIBSYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(TURBOJPEG REQUIRED IMPORTED_TARGET libturbojpeg)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(LIBOATH REQUIRED IMPORTED_TARGET liboath)
pkg_check_modules(HYPERSCAN REQUIRED IMPORTED_TARGET libhs)
pkg_check_modules(LIBARCHIVE REQUIRED IMPORTED_TARGET libarchive)

# OpenCV without videoio, imgcodecs and highgui: 29 libraries instead of 251 behind the camera process. Its CMake file
# comes only with the package that drags in all of them, so the three are looked up one by one.
add_library(sallyport_opencv INTERFACE)
target_include_directories(sallyport_opencv SYSTEM INTERFACE /usr/include/opencv4)
foreach(part core imgproc objdetect)
    find_library(OPENCV_${part}_LIBRARY opencv_${part} REQUIRED)
    target_link_libraries(sallyport_opencv INTERFACE ${OPENCV_${part}_LIBRARY})
endforeach()

# Neither Paho C nor CUPS ships a pkg-config or CMake file that Debian 12 installs reliably.
find_library(PAHO_LIBRARY paho-mqtt3as REQUIRED)
find_library(CUPS_LIBRARY cups REQUIRED)
