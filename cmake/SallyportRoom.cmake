# One folder is one room: its library is made of every source in it, so that adding a file edits no list.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_INTERPROCEDURAL_OPTIMIZATION OFF)

set(SALLYPORT_SANITIZE "" CACHE STRING "Sanitizers for every target: address,undefined or thread")
option(SALLYPORT_COVERAGE "Instrument for gcov" OFF)

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(sallyport_options INTERFACE)
target_include_directories(sallyport_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(sallyport_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror
    -fstack-protector-strong
    # g++ 12 reports false ones of these when it inlines (gcc bugs 80635, 105329); the sanitizers look for real ones.
    -Wno-maybe-uninitialized $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-stringop-overflow>)
if(SALLYPORT_SANITIZE)
    target_compile_options(sallyport_options INTERFACE
        -fsanitize=${SALLYPORT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(sallyport_options INTERFACE -fsanitize=${SALLYPORT_SANITIZE})
    # Instrumented code gives g++ 12 more false alarms; the release build is where a warning is an error.
    target_compile_options(sallyport_options INTERFACE -Wno-error)
    # Atomic fences that tsan does not model are only in libraries' headers here.
    target_compile_options(sallyport_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
endif()
if(SALLYPORT_COVERAGE)
    target_compile_options(sallyport_options INTERFACE --coverage)
    target_link_options(sallyport_options INTERFACE --coverage)
endif()

# sallyport_library(NAME [DIR folder] [RECURSE] [LINKS target...])
function(sallyport_library name)
    cmake_parse_arguments(ROOM "RECURSE" "DIR" "LINKS" ${ARGN})
    if(NOT ROOM_DIR)
        set(ROOM_DIR ${CMAKE_CURRENT_SOURCE_DIR})
    endif()
    if(ROOM_RECURSE)
        file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${ROOM_DIR}/*.cpp)
    else()
        file(GLOB sources CONFIGURE_DEPENDS ${ROOM_DIR}/*.cpp)
    endif()
    list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
    if(NOT sources)  # a room with nothing but headers yet
        add_library(${name} INTERFACE)
        target_link_libraries(${name} INTERFACE sallyport_options ${ROOM_LINKS})
        return()
    endif()
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC sallyport_options ${ROOM_LINKS})
endfunction()

# sallyport_test(NAME DIR folder [LINKS target...]): one GoogleTest program for one room's tests.
function(sallyport_test name)
    cmake_parse_arguments(ROOM "" "DIR" "LINKS;ENVIRONMENT" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${ROOM_DIR}/*.cpp)
    add_executable(${name} ${sources})
    target_link_libraries(${name} PRIVATE sallyport_options ${ROOM_LINKS} GTest::gmock_main)
    target_compile_definitions(${name} PRIVATE
        SALLYPORT_SOURCE_DIR="${CMAKE_SOURCE_DIR}" SALLYPORT_BUILD_DIR="${CMAKE_BINARY_DIR}")
    # A sanitizer makes what only counts (every mutant of every rule) ten times as long.
    set(timeout_s 300)
    if(SALLYPORT_SANITIZE)
        set(timeout_s 1800)
    endif()
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT ${timeout_s})
endfunction()
