// SPDX-License-Identifier: Apache-2.0
//
// The program itself: its configuration's faults, its exit codes, and that it comes up and ends in order.
#include <gtest/gtest.h>

#include "collector/configuration.hpp"
#include "collector/evidence/evidence_log.hpp"
#include "collector/evidence/log_check.hpp"
#include "collector/store/event_log.hpp"
#include "collector/store/register_repository.hpp"
#include "collector/store/schema.hpp"
#include "protocol/adapters/mqtt_connection.hpp"
#include "protocol/crypto.hpp"
#include "tests/support/agency_broker.hpp"

namespace sallyport::collector {
namespace {

using testing::eventually;

class CollectorProgram : public ::testing::Test {
protected:
    CollectorProgram() {
        EXPECT_TRUE(SigningKey::generate()->save_pem(folder_ / "signing.key"));
        std::filesystem::create_directory(folder_ / "console");
        std::ofstream(folder_ / "console/index.html") << "<!doctype html>";
    }
    ~CollectorProgram() override {
        if (process_ > 0) {
            ::kill(process_, SIGKILL);
            ::waitpid(process_, nullptr, 0);
        }
    }

    std::string configuration() const {
        const std::string certificates = broker_.authority().string();
        return "agency: {ori: CA0300000, name: Example County Probation}\n"
               "store: store.db\n"
               "broker:\n"
               "  host: 127.0.0.1\n"
               "  port: " + std::to_string(broker_.port()) + "\n"
               "  ca: " + certificates + "/ca.crt\n"
               "  receive: {certificate: " + certificates + "/collector-receive.crt, key: " + certificates + "/collector-receive.key}\n"
               "  send: {certificate: " + certificates + "/collector-send.crt, key: " + certificates + "/collector-send.key}\n"
               "signing_key: signing.key\n"
               "rules: " SALLYPORT_SOURCE_DIR "/rules/physical-protection\n"
               "https:\n"
               "  port: 0\n"
               "  certificate: " + certificates + "/server.crt\n"
               "  key: " + certificates + "/server.key\n"
               "  console: console\n";
    }
    // The configuration with one piece of its text replaced.
    std::string with(const std::string& old_text, const std::string& new_text) const {
        std::string text = configuration();
        const auto at = text.find(old_text);
        EXPECT_NE(at, std::string::npos) << old_text;
        return text.replace(at, old_text.size(), new_text);
    }

    void start(const std::string& text, const std::string& option = {}) {
        std::ofstream(folder_ / "collector.yml") << text;
        const std::string file = (folder_ / "collector.yml").string(), log = (folder_ / "log").string();
        std::vector<std::string> words = {"sallyport-collector", "--config", file};
        if (!option.empty())
            words.push_back(option);
        std::vector<char*> arguments;
        for (std::string& word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
            ::dup2(out, STDOUT_FILENO);
            ::dup2(out, STDERR_FILENO);
            ::execv(SALLYPORT_COLLECTOR, arguments.data());
            ::_exit(127);
        }
    }
    // Its exit code, or nothing while it runs on.
    std::optional<int> ended() {
        int status = 0;
        if (::waitpid(process_, &status, WNOHANG) != process_)
            return std::nullopt;
        process_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    int exit_code(const std::string& text, const std::string& option = {}) {
        start(text, option);
        std::optional<int> code;
        EXPECT_TRUE(eventually([&] { return (code = ended()).has_value(); })) << log();
        return code.value_or(-1);
    }
    std::string log() const {
        std::ifstream in(folder_ / "log");
        return {std::istreambuf_iterator<char>(in), {}};
    }
    bool says(const std::string& text) const { return log().find(text) != std::string::npos; }

    testing::TemporaryFolder folder_;
    testing::AgencyBroker broker_;
    pid_t process_ = 0;
};

// What a witness at the broker gets: retained, so that it need not wait for the next one.
TEST_F(CollectorProgram, GivenARunningCollectorThenItsSignedHeadIsPublishedAndItsLastLinesAreCoveredAtTheEnd) {
    const std::vector<PublicKey> known{SigningKey::load_pem(folder_ / "signing.key")->public_key()};
    auto database = *Database::open(folder_ / "store.db");
    ASSERT_TRUE(store::migrate(database));
    {   // Three lines of an older program: its own, long deleted, and in no tree.
        const std::string instance = random_id();
        auto stream = *store::create_stream(database, "CA0300000", "collector", instance,
                                            chain_genesis("collector", instance, known.front()), WallTime{});
        auto appender = *store::EventAppender::open(database);
        const store::NewEvent deleted{"server.gap", WallTime{}, leaf_of("x"), std::nullopt, "expired"};
        ASSERT_TRUE(appender.append(stream, std::nullopt, {deleted, deleted, deleted}, WallTime{}));
    }
    start(configuration());
    ASSERT_TRUE(eventually([&] { return says("ready: "); })) << log();
    std::mutex mutex;
    std::vector<std::string> heads;
    MqttHandlers handlers;
    handlers.connected = [] {};
    handlers.lost = [](const std::string&) {};
    handlers.received = [&](const MqttMessage& message) {
        const std::scoped_lock lock(mutex);
        heads.push_back(message.payload);
    };
    handlers.delivered = [](std::uint64_t, bool) {};
    auto witness = *MqttConnection::create(broker_.client("watch"), handlers);
    ASSERT_TRUE(witness->connect({"sallyport/1/CA0300000/head"}, std::nullopt));
    ASSERT_TRUE(eventually([&] {
        const std::scoped_lock lock(mutex);
        return !heads.empty();
    })) << log();
    witness->disconnect(std::chrono::seconds(2));
    const auto published = evidence::open_checkpoint(heads.front(), known);
    ASSERT_TRUE(published) << published.error().message();
    EXPECT_GE(published->size, 3U);
    ASSERT_EQ(::kill(process_, SIGTERM), 0);
    std::optional<int> code;
    ASSERT_TRUE(eventually([&] { return (code = ended()).has_value(); })) << log();
    EXPECT_EQ(*code, 0) << log();
    const auto tree = *store::find_evidence_tree(database, "CA0300000");
    ASSERT_TRUE(tree);
    const auto last = *store::latest_signed_head(database, tree->tree_id);
    ASSERT_TRUE(last);
    EXPECT_EQ(last->size, tree->size);
    const auto report = evidence::check_log(database, {known, heads, last->signed_at});
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_EQ(report->fault_count, 0U) << (report->faults.empty() ? "" : report->faults.front().what);
}

TEST_F(CollectorProgram, GivenAGoodConfigurationWhenCheckedThenItSaysSoAndTouchesNothing) {
    EXPECT_EQ(exit_code(configuration(), "--check-config"), 0) << log();
    EXPECT_FALSE(std::filesystem::exists(folder_ / "store.db"));
}

TEST_F(CollectorProgram, GivenFaultsWhenCheckedThenEachIsNamedWithItsLine) {
    const std::string text = with("store: store.db\n", "stoer: store.db\n") + "  speed: high\n";
    EXPECT_EQ(exit_code(text, "--check-config"), 1);
    EXPECT_TRUE(says("collector.yml:2: 'stoer' is not known in the file")) << log();
    EXPECT_TRUE(says("'store' is missing")) << log();
    EXPECT_TRUE(says("'speed' is not known in https")) << log();
}

TEST_F(CollectorProgram, GivenBadInputWhenConfiguredThenItIsRefusedAndNamed) {
    const auto faults = [&](const std::string& text) {
        std::ofstream(folder_ / "bad.yml") << text;
        auto loaded = load_configuration(folder_ / "bad.yml");
        const auto* found = std::get_if<std::vector<std::string>>(&loaded);
        return found != nullptr ? found->front() : std::string("none");
    };
    EXPECT_NE(faults(with("CA0300000", "ca3")).find(":1: 'ori' must be"), std::string::npos);
    EXPECT_NE(faults(with("  host: 127.0.0.1\n", "  host: 127.0.0.1\n  host: other\n")).find("appears twice"), std::string::npos);
    EXPECT_NE(faults(with("port: " + std::to_string(broker_.port()), "port: many")).find("'port' is not of the right kind"), std::string::npos);
    EXPECT_NE(faults(with("port: " + std::to_string(broker_.port()), "port: 70000")).find("'port' must be 1..65535"), std::string::npos);
    const auto lists = [&](const std::string& text) { return faults(configuration() + "rule_lists: " + text + "\n"); };
    EXPECT_EQ(lists("{admins: admins.txt}"), "none");
    EXPECT_NE(lists("[admins]").find("must be a map of names and files"), std::string::npos);
    EXPECT_NE(lists("{media.serial_hash: a.txt}").find("'media.serial_hash' is no name of a list"), std::string::npos);
    EXPECT_NE(lists("{a: a.txt, a: b.txt}").find("'a' appears twice in rule_lists"), std::string::npos);
    EXPECT_NE(lists("{a: [b]}").find("'a' is not of the right kind"), std::string::npos);
    EXPECT_NE(faults("- a\n- list\n").find("must be a map"), std::string::npos);
    EXPECT_NE(faults("a: [unclosed\n").find("bad.yml:"), std::string::npos);
    EXPECT_NE(faults("").find("must be a map"), std::string::npos);
}

TEST_F(CollectorProgram, GivenAWrongCallWhenStartedThenItEndsWithTwo) {
    EXPECT_EQ(exit_code(configuration(), "--no-such-option"), 2);
}

TEST_F(CollectorProgram, GivenAnEnvironmentThatFailsWhenStartedThenItSaysWhatAndEndsWithThree) {
    EXPECT_EQ(exit_code(with("signing.key", "none.key")), 3);
    EXPECT_TRUE(says("none.key")) << log();
    EXPECT_EQ(exit_code(with("collector-send.key", "collector-receive.key")), 3);
    EXPECT_TRUE(says("collector-send: the key")) << log();
    EXPECT_EQ(exit_code(with("collector-receive.crt", "absent.pem")), 3);
    EXPECT_TRUE(says("absent.pem")) << log();
    EXPECT_EQ(exit_code(with("store: store.db", "store: no/such/folder/store.db")), 3);
    EXPECT_TRUE(says("store.db")) << log();
    EXPECT_EQ(exit_code(with("/rules/physical-protection", "/rules/none")), 3);
    std::filesystem::permissions(folder_ / "signing.key", std::filesystem::perms(0644));
    EXPECT_EQ(exit_code(configuration()), 3) << "a signing key that others may read";
}

TEST_F(CollectorProgram, GivenSecretsThatOthersHaveRightsToWhenStartedThenItNamesFileAndModeAndDoesNotStart) {
    const auto refused = [&](const std::filesystem::path& what, unsigned bad, unsigned good, const std::string& words) {
        std::filesystem::permissions(what, std::filesystem::perms(bad));
        EXPECT_EQ(exit_code(configuration()), 3) << what;
        EXPECT_TRUE(says(words)) << log();
        std::filesystem::permissions(what, std::filesystem::perms(good));
    };
    for (const char* key : {"collector-receive.key", "collector-send.key", "server.key"})
        refused(broker_.authority() / key, 0640, 0600, std::string(key) + ": its mode is 0640");
    refused(broker_.authority(), 0770, 0700, ": its mode is 0770");
    std::ofstream(folder_ / "store.db").close();
    refused(folder_ / "store.db", 0604, 0600, "store.db: its mode is 0604");
}

TEST_F(CollectorProgram, GivenAFipsModuleThatIsNotThereWhenStartedThenItSaysSoAndDoesNotStart) {
    if (std::filesystem::exists("/usr/lib/x86_64-linux-gnu/ossl-modules/fips.so"))
        GTEST_SKIP() << "this machine has a FIPS module";
    EXPECT_EQ(exit_code(configuration() + "crypto: {provider: fips}\n"), 3);
    EXPECT_TRUE(says("crypto provider 'fips' cannot be loaded")) << log();
    EXPECT_EQ(exit_code(configuration() + "crypto: {provider: rot13}\n"), 1);
}

TEST_F(CollectorProgram, GivenACollectorOnAStoreWhenAnotherStartsOnItThenThatOneDoesNot) {
    start(configuration());
    ASSERT_TRUE(eventually([&] { return says("ready"); })) << log();
    const pid_t first = std::exchange(process_, 0);
    EXPECT_EQ(exit_code(configuration()), 3);
    EXPECT_TRUE(says("a collector runs on it")) << log();
    ::kill(first, SIGKILL);
    ::waitpid(first, nullptr, 0);
}

TEST_F(CollectorProgram, GivenAllItNeedsWhenStartedThenItConnectsAndEndsInOrder) {
    start(configuration());
    EXPECT_TRUE(eventually([&] { return says("ready") && says("collector-receive: connected") && says("collector-send: connected"); }))
        << log();
    ::kill(process_, SIGTERM);
    std::optional<int> code;
    EXPECT_TRUE(eventually([&] { return (code = ended()).has_value(); })) << log();
    EXPECT_EQ(code, 0) << log();
}

// All or nothing: a fault in the new rules is named, and the old ones stay in force.
TEST_F(CollectorProgram, GivenItRunsWhenToldToReloadThenItTakesOtherRulesOrKeepsItsOwn) {
    const std::string rule = "title: a\nlogsource: {category: usb}\ndetection: {s: {a: 1}, condition: s}\n";
    std::ofstream(folder_ / "rules.yml") << rule;
    start(with("rules: " SALLYPORT_SOURCE_DIR "/rules/physical-protection", "rules: " + (folder_ / "rules.yml").string()));
    ASSERT_TRUE(eventually([&] { return says("ready"); })) << log();
    std::ofstream(folder_ / "rules.yml") << rule << "level: grave\n";
    ::kill(process_, SIGHUP);
    EXPECT_TRUE(eventually([&] { return says("rules.yml:4:8: there is no level 'grave'; the rules stay as they were"); }))
        << log();
    std::ofstream(folder_ / "rules.yml") << rule << "---\ntitle: b\nlogsource: {category: usb}\ndetection: {s: {b: 1}, condition: s}\n";
    ::kill(process_, SIGHUP);
    EXPECT_TRUE(eventually([&] { return says("judge: 2 rules in force"); })) << log();
    EXPECT_FALSE(ended());
}

// What rules rest on is followed without being told, by the same way; as sallyportctl does, another program writes it.
TEST_F(CollectorProgram, GivenRulesThatAskForARegisterWhenItChangesThenTheyAreTakenAnew) {
    std::ofstream(folder_ / "rules.yml")
        << "title: a\nlogsource: {category: usb}\ndetection: {s: {a|expand: '%sites%'}, condition: s}\n";
    start(with("rules: " SALLYPORT_SOURCE_DIR "/rules/physical-protection", "rules: " + (folder_ / "rules.yml").string()));
    ASSERT_TRUE(eventually([&] { return says("ready"); })) << log();
    EXPECT_TRUE(says("the list %sites% is empty")) << log();
    auto database = Database::open(folder_ / "store.db");
    ASSERT_TRUE(database);
    store::RegisterEntry site;
    site.ori = "CA0300000";
    site.register_name = "sites";
    site.id = "S1";
    site.changed_by = site.change_reason = "test";
    ASSERT_TRUE(store::record_entry(*database, site));
    EXPECT_TRUE(eventually([&] { return says("other values for %sites%") && says("judge: 1 rules in force"); })) << log();
    ASSERT_TRUE(database->execute("UPDATE register_entry SET valid_to = valid_from + 1"));
    EXPECT_TRUE(eventually([&] { return says("the list %sites% has become empty; the rules stay as they were"); })) << log();
    EXPECT_FALSE(ended());
}

// The broker may come later, and may go: that is no reason to stop judging.
TEST_F(CollectorProgram, GivenNoBrokerWhenStartedThenItWaitsForOne) {
    broker_.kill();
    start(configuration());
    EXPECT_TRUE(eventually([&] { return says("trying again"); })) << log();
    EXPECT_FALSE(ended());
    broker_.start();
    EXPECT_TRUE(eventually([&] { return says("collector-receive: connected"); })) << log();
}

// A broker that lets a stranger in, or a terminal onto another's topics, is not used: each fault is found by trying.
class UnsafeBroker : public CollectorProgram {
protected:
    void expect_refused(const std::string& why) {
        EXPECT_EQ(exit_code(configuration()), 3) << log();
        EXPECT_TRUE(says("is not safe to use") && says(why)) << log();
        EXPECT_FALSE(says("ready")) << log();
    }
};

// Without the guard as well: with it nobody may do anything where there is no list.
TEST_F(UnsafeBroker, GivenNoAccessListThenItIsRefused) {
    broker_.spoil({{"acl_file", ""}, {"plugin", ""}});
    expect_refused("from a certificate without that right (acl_file)");
    EXPECT_TRUE(says("handed what is for a terminal")) << log();
}

TEST_F(UnsafeBroker, GivenAnAccessListThatLetsEverybodyWriteThenItIsRefusedByTopic) {
    broker_.write("broker/acl", "user collector-receive\ntopic read #\nuser collector-send\ntopic write #\n"
                                "pattern write sallyport/1/+/+/events\n");
    broker_.spoil({});
    expect_refused("took a message on sallyport/1/CA0300000/sallyport-probe/events");
    EXPECT_FALSE(says("handed what is for a terminal")) << log();
}

TEST_F(UnsafeBroker, GivenAnAccessListThatLetsEverybodyReadThenItIsRefused) {
    broker_.write("broker/acl", "user collector-send\ntopic write sallyport/1/+/+/ack\npattern read sallyport/1/+/+/ack\n");
    broker_.spoil({});
    expect_refused("handed what is for a terminal");
}

TEST_F(UnsafeBroker, GivenClientsWithoutACertificateAreLetInThenItIsRefused) {
    broker_.spoil({{"require_certificate", "require_certificate false"}, {"allow_anonymous", "allow_anonymous true"},
                   {"use_identity_as_username", ""}, {"use_username_as_clientid", ""}, {"acl_file", ""}, {"plugin", ""}});
    expect_refused("let in a client without a certificate");
}

TEST_F(UnsafeBroker, GivenNoListOfRevokedCertificatesThenItIsRefused) {
    broker_.spoil({{"crlfile", ""}, {"plugin", ""}});
    expect_refused("let in a revoked certificate (crlfile)");
}

TEST_F(UnsafeBroker, GivenIdsThatAreNotForcedThenItIsRefused) {
    broker_.spoil({{"use_username_as_clientid", ""}});
    expect_refused("let one certificate in under two names");
}

TEST_F(UnsafeBroker, GivenAnotherAuthorityIsBelievedTooThenItIsRefused) {
    broker_.trust_another_authority();
    expect_refused("let in a certificate of another authority");
}

TEST_F(UnsafeBroker, GivenNoProbesThenItSaysHowToMakeThem) {
    std::filesystem::remove_all(broker_.authority() / "probes");
    EXPECT_EQ(exit_code(configuration()), 3) << log();
    EXPECT_TRUE(says("`sallyportctl ca probes` makes it")) << log();
}

TEST_F(UnsafeBroker, GivenABrokerThatComesLaterWhenItIsUnsafeThenTheCollectorEnds) {
    broker_.kill();
    start(configuration());
    EXPECT_TRUE(eventually([&] { return says("ready"); })) << log();
    broker_.spoil({{"acl_file", ""}, {"plugin", ""}});
    std::optional<int> code;
    EXPECT_TRUE(eventually([&] { return (code = ended()).has_value(); }, std::chrono::seconds(60))) << log();
    EXPECT_EQ(code, 3);
    EXPECT_TRUE(says("is not safe to use")) << log();
    EXPECT_FALSE(says("collector-receive: connected")) << log();
}

}  // namespace
}  // namespace sallyport::collector
