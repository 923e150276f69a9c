// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/invocation.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "collector/ctl/posix_process.hpp"
#include "collector/store/schema.hpp"
#include "collector/store/store_file.hpp"
#include "protocol/file_rights.hpp"
#include "protocol/files.hpp"
#include "protocol/topics.hpp"
#include "rules/engine/yaml_document.hpp"

namespace sallyport::ctl {
namespace {

ExitCode exit_code_for(Errc code) {
    switch (code) {
        case Errc::not_found: return ExitCode::call_wrong;
        case Errc::bad_input:
        case Errc::refused:
        case Errc::conflict:
        case Errc::corrupt: return ExitCode::checked_wrong;
        default: return ExitCode::environment_failed;
    }
}

// `broker.ca` of a map of maps; empty when there is none.
std::string text_at(const rules::YamlNode& root, std::string_view path) {
    const rules::YamlNode* node = &root;
    while (!path.empty() && node->is_map()) {
        const auto dot = path.find('.');
        const rules::YamlEntry* entry = node->find(path.substr(0, dot));
        if (entry == nullptr)
            return {};
        node = &entry->value;
        path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    }
    return node->is_scalar() ? node->text : std::string();
}

Error call_wrong(std::string message) { return Error(Errc::not_found, std::move(message)); }

}  // namespace

void Invocation::add_options(CLI::App& app) {
    app.add_option("--config", config_, "The collector's configuration (collector.yml)")->envname("SALLYPORT_CONFIG");
    app.add_option("--store", store_, "The store file, instead of the configuration's");
    app.add_option("--ori", ori_, "The agency, instead of the configuration's");
    app.add_option("--as", actor_, "Who acts, for the audit log (default: the calling user)");
}

// Only the few keys that commands need; the collector itself checks the whole file.
Result<void> Invocation::read_configuration() {
    if (configuration_read_ || config_.empty())
        return {};
    auto text = read_file(config_);
    if (!text)
        return text.error().within("configuration");
    std::vector<rules::Fault> faults;
    const auto documents = rules::parse_yaml({config_.string(), std::move(*text)}, faults);
    if (!faults.empty())
        return Error(Errc::bad_input, "configuration: " + faults.front().text());
    if (documents.empty())
        return Error(Errc::bad_input, "configuration: " + config_.string() + ": is empty");
    const auto relative_to_file = [&](std::string_view path) -> std::filesystem::path {
        const std::string value = text_at(documents.front(), path);
        return value.empty() ? std::filesystem::path() : configured_path(config_.parent_path(), value);
    };
    if (store_.empty())
        store_ = relative_to_file("store");
    if (ori_.empty())
        ori_ = text_at(documents.front(), "agency.ori");
    broker_ca_ = relative_to_file("broker.ca");
    rules_ = relative_to_file("rules");
    if (const rules::YamlEntry* lists = documents.front().find("rule_lists"))
        for (const rules::YamlEntry& entry : lists->value.entries)
            rule_lists_.emplace(entry.key, config_.parent_path() / entry.value.text);
    configuration_read_ = true;
    return {};
}

Result<Database> Invocation::open_store() {
    if (auto done = read_configuration(); !done)
        return done.error();
    if (store_.empty())
        return call_wrong("which store? give --config or --store");
    return store::open_store_file(store_);
}

Result<Database> Invocation::open_store_for_reading() {
    auto named = names_store();
    if (!named)
        return named.error();
    if (!*named)
        return call_wrong("which store? give --config or --store");
    auto database = Database::open(store_, Database::Access::read_only);
    if (!database)
        return database.error();
    if (auto done = store::check_schema(*database); !done)
        return done.error();
    return database;
}

Result<bool> Invocation::names_store() {
    if (auto done = read_configuration(); !done)
        return done.error();
    return !store_.empty();
}

Result<rules::ListFiles> Invocation::rule_lists() {
    if (auto done = read_configuration(); !done)
        return done.error();
    return rule_lists_;
}

Result<std::string> Invocation::ori() {
    if (auto done = read_configuration(); !done)
        return done.error();
    if (!is_ori(ori_))
        return call_wrong("which agency? give --config or --ori with nine upper-case letters or digits");
    return ori_;
}

Result<std::filesystem::path> Invocation::authority_folder(const std::filesystem::path& given) {
    if (!given.empty())
        return given;
    if (auto done = read_configuration(); !done)
        return done.error();
    if (broker_ca_.empty())
        return call_wrong("which certificate authority? give --config or --ca");
    return broker_ca_.parent_path();
}

Result<std::filesystem::path> Invocation::rules_folder() {
    if (auto done = read_configuration(); !done)
        return done.error();
    if (rules_.empty())
        return call_wrong("which rules? give --config");
    return rules_;
}

std::string Invocation::actor() const {
    if (!actor_.empty())
        return actor_;
    const char* user = std::getenv("SUDO_USER");
    return user != nullptr && *user != '\0' ? user : user_name();
}

void Invocation::run(const std::function<Result<void>()>& work) {
    if (auto done = work(); !done) {
        std::cerr << "sallyportctl: " << done.error().message() << '\n';
        exit_code_ = exit_code_for(done.error().code());
    }
}

void Invocation::change_store(const std::function<Result<void>(Database&)>& work) {
    run([&]() -> Result<void> {
        auto database = open_store();
        if (!database)
            return database.error();
        auto transaction = database->begin();
        if (!transaction)
            return transaction.error();
        if (auto done = work(*database); !done)
            return done;
        return transaction->commit();
    });
}

void Invocation::read_store(const std::function<Result<void>(Database&)>& work) {
    run([&]() -> Result<void> {
        auto database = open_store();
        if (!database)
            return database.error();
        return work(*database);
    });
}

}  // namespace sallyport::ctl
