// SPDX-License-Identifier: Apache-2.0
//
// Runs the real sallyportctl in a folder of its own, with an agency to act upon.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "protocol/crypto.hpp"
#include "tests/support/test_broker.hpp"

namespace sallyport::testing {

struct Ran {
    int code = -1;
    std::string out, err;
};

class Control : public ::testing::Test {
protected:
    static constexpr auto kOri = "CA0010000";

    [[nodiscard]] std::filesystem::path path(std::string_view name) const { return folder_ / name; }

    static std::string content(const std::filesystem::path& file) {
        std::ifstream in(file, std::ios::binary);
        std::stringstream text;
        text << in.rdbuf();
        return text.str();
    }
    std::filesystem::path write(std::string_view name, std::string_view text) {
        std::ofstream(path(name), std::ios::binary) << text;
        return path(name);
    }

    // As a shell would, in the folder.
    Ran shell(const std::string& command) {
        const std::string line = "cd '" + folder_.path().string() + "' && (" + command + ") >out.txt 2>err.txt";
        const int status = std::system(line.c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(path("out.txt")), content(path("err.txt"))};
    }
    Ran ctl(const std::string& arguments) { return shell("'" SALLYPORTCTL "' --config collector.yml --as tester " + arguments); }
    Ran done(const std::string& arguments) {
        Ran ran = ctl(arguments);
        EXPECT_EQ(ran.code, 0) << arguments << ": " << ran.err;
        return ran;
    }

    void establish_agency() {
        write("collector.yml", std::string("agency: {ori: ") + kOri + ", name: Example}\nstore: store.db\nbroker: {ca: ca/ca.crt}\n" +
                                   "rules: rules\n");
        done("ca init --dir ca");
    }

    // Terminals T-1 .. T-n, each ready to be enrolled.
    void register_terminals(int count) {
        write("sites.csv", "site_id,site_name,address\nS1,Main,1 Example St\n");
        write("operators.csv", "operator_ref,staff_id,display_name,os_accounts,employer_kind,sworn,role,appointed_on,unit,"
                               "site_id,supervisor,access_status,access_from,access_to\n"
                               "OP-1,1,Ann,ann,employee,true,FAO,2026-01-01,Records,S1,none,active,2026-01-01,2030-01-01\n");
        write("rooms.csv", "room_id,site_id,floor,room_label,zone,room_type,allowed_hours,access_list_reviewed_on,subnets\n"
                           "R1,S1,1,Records,secure,records,always,2026-01-01,any\n");
        std::string terminals = "terminal_id,clets_mnemonic,ori,status,room_id,duty_profile,custodian\n";
        for (int i = 1; i <= count; ++i)
            terminals += "T-" + std::to_string(i) + ",M" + std::to_string(i) + "," + kOri + ",proposed,R1,office_hours,OP-1\n";
        write("terminals.csv", terminals);
        for (const std::string name : {"sites", "operators", "rooms", "terminals"})
            done(name + " import " + name + ".csv");
    }

    // A key and request as a terminal makes them.
    void make_request(const std::string& name, const std::string& common_name, const std::string& curve = "P-256") {
        ASSERT_EQ(shell("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:" + curve + " -nodes -subj '/CN=" +
                        common_name + "' -keyout " + name + ".key -out " + name + ".csr")
                      .code,
                  0);
    }
    Ran enrol(const std::string& terminal, const std::string& request, const std::string& more = "") {
        return ctl("terminals enrol " + terminal + " --csr " + request + ".csr --out " + request + ".crt " + more);
    }

    TemporaryFolder folder_;
};

}  // namespace sallyport::testing
