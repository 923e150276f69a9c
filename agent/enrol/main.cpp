// SPDX-License-Identifier: Apache-2.0
//
// sallyport-enrol: asks for this terminal's certificate, and for another before it runs out. A program of its own, so
// that the agent holds no HTTP; run by a person once and by a timer after that.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "agent/enrol/enrolment_talk.hpp"
#include "agent/service/openssl_certificate.hpp"
#include "agent/version.hpp"
#include "protocol/adapters/linux_clock.hpp"
#include "protocol/files.hpp"

namespace sallyport::agent {
namespace {

enum ExitCode { kDone = 0, kCheckedThingWrong = 1, kCallWrong = 2, kEnvironmentFailed = 3 };

struct Arguments {
    std::filesystem::path configuration, token;
    std::string host;
    int port = 8443;
    int wait_minutes = 0;
    int pause_seconds = 5;
    bool renew = false;
};

int failed(const Error& error) {
    std::fprintf(stderr, "sallyport-enrol: %s\n", error.message().c_str());
    return error.code() == Errc::refused || error.code() == Errc::bad_input || error.code() == Errc::conflict
               ? kCheckedThingWrong
               : kEnvironmentFailed;
}

void tell(const std::string& sentence) { std::printf("%s\n", sentence.c_str()); std::fflush(stdout); }

// From a file, or `-`: one line of the standard input. Never from the command line, which everybody can read.
Result<EnrolmentToken> read_token(const std::filesystem::path& file) {
    std::string text;
    if (file == "-")
        std::getline(std::cin, text);
    else if (auto read = read_file(file); read)
        text = *read;
    else
        return read.error();
    return parse_enrolment_token(text);
}

int enrol(const Configuration& configuration, const Arguments& arguments, const ServerAddress& server, const Patience& patience) {
    auto token = read_token(arguments.token);
    if (!token)
        return failed(token.error());
    if (auto done = enrol_with_token(configuration, *token, server, patience, tell); !done)
        return failed(done.error());
    tell("enrolled: " + configuration.broker.cert_file.string());
    return kDone;
}

int renew_when_due(const Configuration& configuration, const ServerAddress& server, const Patience& patience) {
    auto life = certificate_life(configuration.broker.cert_file);
    if (!life)
        return failed(life.error());
    if (!renewal_is_due(life->not_before, life->not_after, LinuxClock().now())) {
        tell("not due");
        return kDone;
    }
    if (auto done = renew(configuration, server, patience, tell); !done)
        return failed(done.error());
    tell("renewed: " + configuration.broker.cert_file.string());
    return kDone;
}

int start(const Arguments& arguments) {
    auto loaded = load_configuration(arguments.configuration, std::nullopt);
    for (const std::string& fault : loaded.faults)
        std::fprintf(stderr, "%s\n", fault.c_str());
    if (!loaded.configuration)
        return kCheckedThingWrong;
    const ServerAddress server{arguments.host.empty() ? loaded.configuration->broker.host : arguments.host, arguments.port};
    const Patience patience{std::chrono::minutes(arguments.wait_minutes), std::chrono::seconds(arguments.pause_seconds)};
    return arguments.renew ? renew_when_due(*loaded.configuration, server, patience)
                           : enrol(*loaded.configuration, arguments, server, patience);
}

}  // namespace
}  // namespace sallyport::agent

int main(int argc, char** argv) {
    using namespace sallyport::agent;
    CLI::App program("Asks the collector for this terminal's certificate.", "sallyport-enrol");
    Arguments arguments;
    program.add_option("--config", arguments.configuration, "the agent's configuration, agent.yml")->required();
    auto* token = program.add_option("--token", arguments.token, "file with the one-time token; - reads it from the standard input");
    program.add_flag("--renew", arguments.renew, "ask for another certificate, if the present one is near its end")->excludes(token);
    program.add_option("--host", arguments.host, "the collector's host (default: the broker's)")->envname("SALLYPORT_SERVER");
    program.add_option("--port", arguments.port, "its port")->envname("SALLYPORT_SERVER_PORT")->check(CLI::Range(1, 65535))
        ->capture_default_str();
    program.add_option("--wait", arguments.wait_minutes, "minutes to wait for the approval")->check(CLI::Range(0, 7 * 24 * 60))
        ->capture_default_str();
    program.add_option("--pause", arguments.pause_seconds, "seconds between two looks")->check(CLI::Range(1, 3600))
        ->capture_default_str();
    program.set_version_flag("--version", std::string(kAgentVersion));
    try {
        program.parse(argc, argv);
        if (!arguments.renew && arguments.token.empty())
            throw CLI::RequiredError("--token or --renew");
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? kDone : kCallWrong;
    }
    try {
        return start(arguments);
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "sallyport-enrol: %s\n", exception.what());
        return kEnvironmentFailed;
    }
}
