// SPDX-License-Identifier: Apache-2.0
//
// The real API and console over a store with an agency in it, for the browser tests and for looking at the
// pages. usage: console_stage FOLDER CONSOLE_FOLDER [PORT] Writes FOLDER/endpoints.json and prints `ready`;
// `raise` on standard input raises an alert, its end stops it.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "agency.hpp"
#include "collector/api/server.hpp"
#include "protocol/adapters/linux_clock.hpp"
#include "protocol/crypto.hpp"
#include "protocol/json.hpp"
#include "tests/collector/api/test_certificate.hpp"

namespace {

using namespace sallyport;

void write_endpoints(const std::filesystem::path& folder, std::uint16_t port, const std::string& password) {
    const auto user = [&](const char* name) { return Record{{"name", name}, {"password", password}}; };
    const Record endpoints{{"console", "https://127.0.0.1:" + std::to_string(port) + "/"},
                           {"users", Record{{"spoc", user("mchen")}, {"psd", user("tbrooks")}}}};
    std::ofstream(folder / "endpoints.json") << write_json(endpoints) << "\n";
}

int run(const std::filesystem::path& folder, const std::filesystem::path& console, std::uint16_t port) {
    std::filesystem::create_directories(folder);
    auto writer = store::Writer::open(folder / "store.db");
    if (!writer) throw std::runtime_error(writer.error().message());
    const LinuxClock clock;
    const std::string password = random_id();
    testing::Agency agency(**writer, clock);
    agency.add_account("mchen", "spoc", "Mei Chen", password);
    agency.add_account("tbrooks", "psd_investigator", "Tom Brooks", password);
    agency.fill();

    const auto certificate = testing::make_certificate(folder);
    api::LiveFeed live;
    const auto rules = testing::agency_rules();
    api::ServerOptions options;
    options.port = port;
    options.certificate = certificate.certificate;
    options.key = certificate.key;
    options.console = console;
    auto server =
        api::Server::start(options, api::Services{**writer, clock, live, [rules] { return rules; }});
    if (!server) throw std::runtime_error(server.error().message());
    write_endpoints(folder, (*server)->port(), password);
    std::cout << "ready" << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        if (line != "raise") continue;
        agency.raise_alert();
        live.notify();
    }
    return 0;
}

}  // namespace

int main(int count, char** words) {
    if (count < 3) {
        std::fputs("usage: console_stage FOLDER CONSOLE_FOLDER [PORT]\n", stderr);
        return 2;
    }
    try {
        return run(words[1], words[2], count > 3 ? static_cast<std::uint16_t>(std::stoi(words[3])) : 0);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "console_stage: %s\n", failure.what());
        return 3;
    }
}
