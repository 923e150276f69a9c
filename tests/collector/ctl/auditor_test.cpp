// SPDX-License-Identifier: Apache-2.0
//
// docs/auditor.md, word by word: the commands of the page are run as they stand there, on a small agency with a referred
// incident, by the real sallyportctl, tar, openssl and Python.
#include <gmock/gmock.h>

#include "collector/intake/admission.hpp"
#include "collector/intake/own_log.hpp"
#include "collector/store/alert_repository.hpp"
#include "collector/store/rule_text.hpp"
#include "protocol/timestamp.hpp"
#include "tests/collector/ctl/control.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/test_terminal.hpp"

namespace sallyport::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The blocks marked as shell in the page, in order.
std::vector<std::string> commands_of(const std::string& page) {
    std::vector<std::string> blocks;
    std::istringstream lines(page);
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (line == "```sh") {
            inside = true;
            blocks.emplace_back();
        } else if (line == "```") {
            inside = false;
        } else if (inside) {
            blocks.back() += line + "\n";
        }
    }
    return blocks;
}

class AuditorsWalk : public Control {
protected:
    AuditorsWalk() {
        establish_agency();
        register_terminals(1);
        tell_a_story();
        const auto docs = std::filesystem::path(SALLYPORT_SOURCE_DIR) / "docs";
        std::filesystem::copy(docs / "formats" / "evidence_bundle_verifier.py", path("evidence_bundle_verifier.py"));
        page_ = content(docs / "auditor.md");
    }

    // One stick that `ann` put in, taken in as intake does it, an alert on it, an incident opened of it.
    void tell_a_story() {
        Database database = *Database::open(path("store.db"));
        const ManualClock clock;
        const SigningKey key = *SigningKey::load_pem(path("ca/collector-signing.key"));
        TestTerminal terminal;
        ASSERT_TRUE(store::add_key(database, terminal.key(clock.now())));
        std::vector<std::string> lines{terminal.line(terminal.start())};
        ++terminal.next_seq;
        Event stick = usb_attach(terminal.name, terminal.instance, 2);
        stick.operator_account = "ann";
        lines.push_back(terminal.line(stick));
        --terminal.next_seq;
        auto checked = intake::BatchCheck().check(terminal.topic(), terminal.batch(lines), *store::keys_of(database, terminal.name));
        auto appender = *store::EventAppender::open(database);
        const auto admitted = intake::admit(database, appender, std::get<intake::CheckedBatch>(checked), clock.now());
        ASSERT_TRUE(admitted) << admitted.error().message();
        open_incident(database, clock.now());
    }

    static void open_incident(Database& database, WallTime now) {
        store::Alert alert;
        alert.alert_id = "alert-1";
        alert.ori = "CA0300000";
        alert.rule_id = "USB-01";
        alert.rule_version = *store::keep_rule_text(database, {"usb-01.yml", "title: Unknown storage\n"}, now);
        alert.severity = "high";
        alert.title = "Unknown USB storage attached";
        alert.summary = "Unknown USB storage was attached to T-1.";
        alert.terminal_id = "T-1";
        alert.dedupe_key = "key";
        alert.lane = "queue";
        alert.kind = "event";
        alert.state = "converted";
        alert.first_event_at = alert.last_event_at = alert.condition_at = alert.raised_at = alert.known_at = now;
        for (const auto& event : *store::read_events_after(database, 0, 100))
            if (event.type == "usb.attach") alert.evidence.push_back(event.ingest_id);
        ASSERT_EQ(alert.evidence.size(), 1U);
        ASSERT_TRUE(store::insert_alert(database, alert));
        store::Incident incident;
        incident.incident_id = "incident-1";
        incident.ori = alert.ori;
        incident.number = "2026-0001";
        incident.kind = "media";
        incident.severity = "high";
        incident.status = "open";
        incident.discovered_at = now;
        incident.discovered_by = "spoc";
        incident.discovery_method = "console";
        incident.summary = "A stick nobody knows";
        incident.alert_ids = {alert.alert_id};
        ASSERT_TRUE(store::insert_incident(database, incident));
    }

    // As a shell would, with sallyportctl in the path and the collector's configuration in the environment.
    Ran walk(const std::string& command) {
        return shell("PATH=" + std::filesystem::path(SALLYPORTCTL).parent_path().string() +
                     ":/usr/bin:/bin SALLYPORT_CONFIG=collector.yml; export PATH SALLYPORT_CONFIG; set -e; " + command);
    }

    std::string page_;
};

TEST_F(AuditorsWalk, GivenThePageWhenEachCommandIsRunThenItDoesWhatThePageSays) {
    const auto blocks = commands_of(page_);
    ASSERT_GE(blocks.size(), 8U);
    std::size_t verified = 0, found = 0;
    for (const std::string& block : blocks) {
        const Ran ran = walk(block);
        const bool altered = block.find("altered.tar --key") != std::string::npos || block.find("short.tar --key") != std::string::npos;
        EXPECT_EQ(ran.code, altered ? 1 : 0) << block << ran.out << ran.err;
        if (altered) {
            EXPECT_THAT(ran.out, HasSubstr("NOT verified")) << block;
            ++found;
        } else if (ran.out.find("verified") != std::string::npos) {
            ++verified;
        }
    }
    EXPECT_EQ(verified, 2U) << "by our program and by the other one";
    EXPECT_EQ(found, 2U);
    EXPECT_THAT(content(path("read-me-first.html")), HasSubstr("What the system cannot know"));
    EXPECT_THAT(content(path("incident.tar")), Not(HasSubstr("\"operator_account\\\":\\\"ann")));
    // The file's hash is in the audit log.
    const Ran hash = shell("sha256sum incident.tar | cut -c1-64");
    const Ran logged = shell("sqlite3 store.db \"SELECT detail, purpose, actor_role FROM audit WHERE action = 'evidence.export'\"");
    EXPECT_THAT(logged.out, HasSubstr(hash.out.substr(0, 64)));
    EXPECT_THAT(logged.out, HasSubstr("|audit|"));
}

// Byte by byte in C++ (tests/collector/evidence/bundle/); here that the other verifier is no weaker where it is easy to be.
TEST_F(AuditorsWalk, GivenTheOtherVerifierWhenABundleIsAlteredThenItSaysSoToo) {
    ASSERT_EQ(walk("cp ca/collector-signing.pub collector.pub; sallyportctl evidence export incident-1 --out full.tar").code, 0);
    EXPECT_EQ(walk("python3 evidence_bundle_verifier.py full.tar collector.pub").code, 0) << content(path("out.txt"));
    const std::string whole = content(path("full.tar"));
    for (std::size_t at = 0; at < whole.size(); at += 1'009) {
        std::string altered = whole;
        altered[at] = static_cast<char>(altered[at] ^ 1);
        write("altered.tar", altered);
        EXPECT_EQ(walk("python3 evidence_bundle_verifier.py altered.tar collector.pub").code, 1) << at;
    }
    write("longer.tar", whole + '\0');
    EXPECT_EQ(walk("python3 evidence_bundle_verifier.py longer.tar collector.pub").code, 1);
}

TEST_F(AuditorsWalk, GivenWrongCallsWhenRunThenTheyEndAsTheContractSays) {
    EXPECT_EQ(ctl("evidence export nothing --out x.tar").code, 2);
    EXPECT_EQ(ctl("evidence export 2026-0001 --out x.tar --purpose curiosity").code, 2);
    EXPECT_EQ(ctl("evidence verify x.tar").code, 2);
    EXPECT_EQ(ctl("evidence verify x.tar --key nothing.pub").code, 2);
    write("x.pub", "no key");
    EXPECT_EQ(ctl("evidence verify x.tar --key x.pub").code, 2);
    EXPECT_EQ(ctl("evidence verify nothing.tar --key ca/collector-signing.pub").code, 3);
    write("empty.tar", "");
    const Ran ran = ctl("evidence verify empty.tar --key ca/collector-signing.pub --json");
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.out, HasSubstr(R"("verified":false)"));
}

}  // namespace
}  // namespace sallyport::testing
