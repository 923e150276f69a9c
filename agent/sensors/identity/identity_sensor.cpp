// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/identity/identity_sensor.hpp"

#include <fstream>
#include <set>

#include "agent/sensors/identity/linux_machine.hpp"
#include "agent/sensors/identity/machine.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::agent {
namespace {

constexpr std::chrono::minutes kLook{10};
constexpr MonotonicTime kRepeat{24ull * 60 * 60 * 1000};
constexpr std::size_t kListMax = 32;

std::string_view to_text(CardKind kind) {
    switch (kind) {
        case CardKind::wired:
            return "wired";
        case CardKind::wifi:
            return "wifi";
        case CardKind::cellular:
            return "cellular";
        case CardKind::virtual_card:
            break;
    }
    return "virtual";
}

std::string_view to_text(CardBus bus) {
    switch (bus) {
        case CardBus::pci:
            return "pci";
        case CardBus::usb:
            return "usb";
        case CardBus::virtual_bus:
            return "virtual";
        case CardBus::other:
            break;
    }
    return "other";
}

std::string_view to_text(BootSource source) {
    switch (source) {
        case BootSource::internal:
            return "internal";
        case BootSource::usb:
            return "usb";
        case BootSource::network:
            return "network";
        case BootSource::optical:
            return "optical";
        case BootSource::unknown:
            break;
    }
    return "unknown";
}

std::string_view to_text(SecureBoot state) {
    switch (state) {
        case SecureBoot::on:
            return "on";
        case SecureBoot::off:
            return "off";
        case SecureBoot::unknown:
            break;
    }
    return "unknown";
}

struct Component {
    std::string kind;
    std::string id;
    auto operator<=>(const Component&) const = default;
};
using Components = std::set<Component>;

Components components_of(const MachineFacts& facts) {
    Components found;
    for (const auto& card : facts.cards)
        found.insert({"nic_" + std::string(to_text(card.bus)), card.mac});
    for (const auto& serial : facts.disk_serials)
        found.insert({"disk", serial});
    return found;
}

std::string remembered_boot(const std::filesystem::path& memory_file) {
    std::string boot;
    std::ifstream(memory_file) >> boot;
    return boot;
}

class IdentitySensor final : public Sensor {
public:
    IdentitySensor(IdentityOptions options, std::unique_ptr<Machine> machine)
        : options_(std::move(options)), machine_(std::move(machine)) {}

    [[nodiscard]] std::string_view name() const override { return "identity"; }
    [[nodiscard]] Result<void> run(std::stop_token stop, const SensorContext& context) override;

private:
    [[nodiscard]] Result<void> look(const SensorContext& context);
    [[nodiscard]] Result<void> report_boot(const SensorContext& context);
    [[nodiscard]] Result<void> report_components(const MachineFacts& facts, const SensorContext& context);
    [[nodiscard]] Result<void> report_component(std::string_view action, const Component& component,
                                                const SensorContext& context);
    [[nodiscard]] Result<void> report_identity(const MachineFacts& facts, const SensorContext& context);
    [[nodiscard]] Record describe(const MachineFacts& facts) const;

    const IdentityOptions options_;
    std::unique_ptr<Machine> machine_;
    // What was last reported; moves on only when the sink has taken it.
    std::string boot_id_;
    std::optional<Components> components_;
    std::optional<Record> identity_;
    MonotonicTime reported_at_{};
};

Result<void> IdentitySensor::run(std::stop_token stop, const SensorContext& context) {
    while (!stop.stop_requested()) {
        if (auto looked = look(context); !looked) return looked.error().within("identity");
        machine_->sleep(stop, kLook);
    }
    return {};
}

Result<void> IdentitySensor::look(const SensorContext& context) {
    if (auto told = report_boot(context); !told) return told;
    const MachineFacts facts = machine_->facts();
    if (auto told = report_components(facts, context); !told) return told;
    if (auto told = report_identity(facts, context); !told) return told;
    context.health.report(name(), facts.serials_forbidden ? SensorState::degraded : SensorState::ok,
                          facts.serials_forbidden ? "serials_forbidden" : "");
    return {};
}

Result<void> IdentitySensor::report_boot(const SensorContext& context) {
    if (!boot_id_.empty()) return {};  // a boot does not change under a running program
    auto boot = machine_->boot();
    if (!boot) return boot.error();
    if (remembered_boot(options_.memory_file) == boot->boot_id) {
        boot_id_ = boot->boot_id;
        return {};
    }
    Record body{{"boot_source", to_text(boot->source)}, {"secure_boot", to_text(boot->secure_boot)}};
    if (boot->measure_digest) body.set("measure_digest", *boot->measure_digest);
    body.set("last_shutdown", "unknown");
    const auto up = std::chrono::milliseconds(context.clock.monotonic().count());
    if (auto taken = context.sink.take({"device.boot", std::move(body), context.clock.now() - up, {}, {}});
        !taken)
        return taken;
    boot_id_ = boot->boot_id;
    // A memory that cannot be written makes the next start tell the boot twice: better than not at all.
    if (!options_.memory_file.empty())
        std::ofstream(options_.memory_file, std::ios::trunc) << boot_id_ << '\n';
    return {};
}

Result<void> IdentitySensor::report_components(const MachineFacts& facts, const SensorContext& context) {
    Components present = components_of(facts);
    const Components before = components_.value_or(present);
    if (!components_) components_ = present;
    for (const auto& component : before) {
        if (present.contains(component)) continue;
        if (auto told = report_component("removed", component, context); !told) return told;
        components_->erase(component);
    }
    for (const auto& component : present) {
        if (before.contains(component)) continue;
        if (auto told = report_component("added", component, context); !told) return told;
        components_->insert(component);
    }
    return {};
}

// When between two looks it happened nobody knows.
Result<void> IdentitySensor::report_component(std::string_view action, const Component& component,
                                              const SensorContext& context) {
    const std::string named = component.kind + ":" + component.id;
    Record body{{"action", action}, {"class", component.kind}, {"id_hash", to_hex(sha256(bytes_of(named)))}};
    return context.sink.take({"device.component", std::move(body), std::nullopt, {}, {}});
}

Result<void> IdentitySensor::report_identity(const MachineFacts& facts, const SensorContext& context) {
    Record body = describe(facts);
    const MonotonicTime now = context.clock.monotonic();
    if (identity_ == body && now < reported_at_ + kRepeat) return {};
    if (auto taken = context.sink.take({"device.identity", body, context.clock.now(), {}, {}}); !taken)
        return taken;
    identity_ = std::move(body);
    reported_at_ = now;
    return {};
}

Record IdentitySensor::describe(const MachineFacts& facts) const {
    Record body;
    const auto add = [&](std::string_view field, const std::optional<std::string>& fact) {
        if (fact && !fact->empty()) body.set(field, *fact);
    };
    add("hostname", facts.hostname);
    add("asset_tag", facts.asset_tag);
    add("system_serial", facts.system_serial);
    add("board_serial", facts.board_serial);
    add("manufacturer", facts.manufacturer);
    add("model", facts.model);
    add("tpm_ek_sha256", facts.tpm_ek_sha256);
    body.set("tpm_present", facts.tpm_present);
    add("machine_id_sha256", facts.machine_id_sha256);
    List disks, cards;
    for (const auto& serial : facts.disk_serials)
        if (disks.size() < kListMax) disks.emplace_back(serial);
    for (const auto& card : facts.cards)
        if (cards.size() < kListMax)
            cards.emplace_back(
                Record{{"mac", card.mac}, {"type", to_text(card.kind)}, {"bus", to_text(card.bus)}});
    body.set("disk_serials", std::move(disks)).set("nics", std::move(cards));
    add("os_build", facts.os_build);
    add("mnemonic", options_.mnemonic);
    add("terminal_identifier", options_.terminal_identifier);
    add("ori", options_.ori);
    add("agent_version", options_.agent_version);
    add("agent_sha256", machine_->program_sha256());
    return body;
}

}  // namespace

std::unique_ptr<Sensor> make_identity_sensor(const IdentityOptions& options) {
    return make_identity_sensor(options, make_linux_machine());
}

std::unique_ptr<Sensor> make_identity_sensor(const IdentityOptions& options,
                                             std::unique_ptr<Machine> machine) {
    return std::make_unique<IdentitySensor>(options, std::move(machine));
}

}  // namespace sallyport::agent
