// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/evidence_verify_command.hpp"

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>

#include "collector/ctl/output.hpp"
#include "collector/evidence/bundle/bundle_check.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::ctl {
namespace {

using evidence::kBundleBytesMax;

struct Options {
    std::filesystem::path file;
    std::vector<std::filesystem::path> keys;
    bool json = false;
};

Result<std::string> read_bundle(const std::filesystem::path& path) {
    std::error_code failure;
    const auto size = std::filesystem::file_size(path, failure);
    if (failure)
        return Error(Errc::io, path.string() + ": " + failure.message());
    if (size > kBundleBytesMax)
        return Error(Errc::refused, path.string() + ": " + std::to_string(size) + " bytes, a bundle has at most " +
                                        std::to_string(kBundleBytesMax));
    std::string bytes(size, '\0');
    std::ifstream in(path, std::ios::binary);
    if (!in.read(bytes.data(), static_cast<std::streamsize>(size)))
        return Error(Errc::io, path.string() + ": cannot be read");
    return bytes;
}

Record summary_of(const evidence::BundleReport& report) {
    Record summary{{"verified", report.holds()}};
    if (const auto& manifest = report.manifest) {
        Record withheld;
        for (const auto& [reason, count] : report.withheld)
            withheld.set(reason, count);
        summary.set("incident", manifest->incident_number)
            .set("form", evidence::to_string(manifest->form))
            .set("exported_at", format_time(manifest->exported_at))
            .set("exported_by", manifest->exported_by)
            .set("purpose", manifest->purpose)
            .set("log", manifest->log_origin)
            .set("log_size", manifest->log_size)
            .set("log_root", to_base64(manifest->log_root))
            .set("alerts", report.alerts)
            .set("events", manifest->events)
            .set("batches", report.batches)
            .set("heads", report.heads)
            .set("withheld", std::move(withheld));
    }
    List faults;
    for (const auto& fault : report.faults)
        faults.emplace_back(Record{{"member", fault.member}, {"reason", fault.reason}});
    return summary.set("faults", std::move(faults)).set("faults_untold", report.faults_untold);
}

void print_report(const std::filesystem::path& file, const evidence::BundleReport& report) {
    for (const auto& fault : report.faults)
        std::cout << file.string() << ": " << fault.member << ": " << fault.reason << '\n';
    if (report.faults_untold > 0)
        std::cout << file.string() << ": " << report.faults_untold << " more faults\n";
    if (!report.holds()) {
        std::cout << file.string() << ": NOT verified\n";
        return;
    }
    const evidence::Manifest& manifest = *report.manifest;
    std::cout << "incident " << manifest.incident_number << ", exported " << format_time(manifest.exported_at) << " by "
              << manifest.exported_by << " (" << manifest.purpose << "), " << evidence::to_string(manifest.form) << " form\n"
              << manifest.events << " lines of " << report.alerts << " alerts in " << report.batches
              << " signed batches, each proven in " << manifest.log_origin << " at " << manifest.log_size << " lines; "
              << report.heads << " signed heads, consistent\n"
              << manifest.withheld << " withheld";
    for (const auto& [reason, count] : report.withheld)
        std::cout << ", " << reason << ": " << count;
    std::cout << '\n' << file.string() << ": verified\n";
}

void verify_bundle(Invocation& invocation, const Options& options) {
    invocation.run([&]() -> Result<void> {
        std::vector<PublicKey> keys;
        for (const auto& file : options.keys) {
            auto key = PublicKey::load_pem(file);
            if (!key)  // of the call, and not of the bundle that is checked
                return Error(Errc::not_found, key.error().message());
            keys.push_back(std::move(*key));
        }
        auto bytes = read_bundle(options.file);
        if (!bytes)
            return bytes.error();
        const auto report = evidence::check_bundle(*bytes, keys);
        if (options.json)
            print_item(summary_of(report), Format::json);
        else
            print_report(options.file, report);
        if (!report.holds())
            invocation.end_with(ExitCode::checked_wrong);
        return {};
    });
}

}  // namespace

void add_evidence_verify_command(CLI::App& evidence, Invocation& invocation) {
    auto options = std::make_shared<Options>();
    auto* verify = evidence.add_subcommand("verify", "Derives everything anew from the file and the public key alone");
    verify->add_option("FILE", options->file, "The bundle")->required();
    verify->add_option("--key", options->keys, "The collector's public key, or a certificate with it (PEM); again for a former one")
        ->required();
    verify->add_flag("--json", options->json, "The whole report as JSON");
    verify->callback([&invocation, options] { verify_bundle(invocation, *options); });
}

}  // namespace sallyport::ctl
