// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/identity/identity_sensor.hpp"

#include <algorithm>

#include "agent/sensors/identity/identity_memory.hpp"
#include "agent/sensors/identity/linux_machine.hpp"
#include "agent/sensors/identity/machine.hpp"
#include "agent/sensors/identity/posture_check.hpp"
#include "protocol/crypto.hpp"
#include "protocol/schema.hpp"

namespace sallyport::agent {
namespace {

constexpr std::chrono::minutes kLook{10};
constexpr MonotonicTime kRepeat{24ull * 60 * 60 * 1000};
constexpr std::size_t kListMax = 32;
constexpr std::string_view kIdentity = "device.identity";

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

std::string_view to_text(Shutdown how) {
    switch (how) {
        case Shutdown::clean:
            return "clean";
        case Shutdown::power:
            return "power";
        case Shutdown::crash:
            return "crash";
        case Shutdown::unknown:
            break;
    }
    return "unknown";
}

void add_component(Components& components, const std::string& kind, const std::string& id) {
    components[to_hex(sha256(bytes_of(kind + ":"), bytes_of(id)))] = kind;
}

std::map<std::string, Components> components_of(const MachineFacts& facts) {
    std::map<std::string, Components> groups;
    if (facts.cards) {
        Components& cards = groups["nic"];
        for (const auto& card : *facts.cards)
            if (card.bus != CardBus::virtual_bus)
                add_component(cards, "nic_" + std::string(to_text(card.bus)), card.mac);
    }
    if (facts.disk_serials) {
        Components& disks = groups["disk"];
        for (const auto& serial : *facts.disk_serials)
            add_component(disks, "disk", serial);
    }
    if (facts.pci) {
        Components& devices = groups["pci"];
        for (const auto& device : *facts.pci)
            add_component(devices, "pci_" + device.group, device.id);
    }
    return groups;
}

List disk_list(const std::vector<std::string>& serials) {
    return List(serials.begin(),
                serials.begin() + static_cast<std::ptrdiff_t>(std::min(serials.size(), kListMax)));
}

List card_list(const std::vector<NetworkCard>& cards) {
    List list;
    for (const auto& card : cards)
        if (list.size() < kListMax)
            list.emplace_back(
                Record{{"mac", card.mac}, {"type", to_text(card.kind)}, {"bus", to_text(card.bus)}});
    return list;
}

// A configured text that is no token must not cost the whole event.
bool fits(std::string_view field, const std::string& text) {
    return !check_fields(Record{{std::string(field), text}}, find_event_type(kIdentity)->fields);
}

class IdentitySensor final : public Sensor {
public:
    IdentitySensor(IdentityOptions options, std::unique_ptr<Machine> machine)
        : options_(std::move(options)), machine_(std::move(machine)) {}

    [[nodiscard]] std::string_view name() const override { return "identity"; }
    [[nodiscard]] Result<void> run(std::stop_token stop, const SensorContext& context) override;

private:
    [[nodiscard]] Result<void> look(const SensorContext& context);
    [[nodiscard]] Result<void> report_boot(const BootFacts& boot, const SensorContext& context);
    [[nodiscard]] Result<void> report_posture(const BootFacts& boot, const MachineFacts& facts, const SensorContext& context);
    [[nodiscard]] Result<void> report_components(const MachineFacts& facts, const SensorContext& context);
    [[nodiscard]] Result<void> report_differences(const Components& present, Components& known,
                                                  const SensorContext& context);
    [[nodiscard]] Result<void> report_component(std::string_view action, const std::string& hash,
                                                const std::string& kind, const SensorContext& context);
    [[nodiscard]] Result<void> report_identity(const MachineFacts& facts, const SensorContext& context);
    [[nodiscard]] Result<void> prove(const SensorContext& context);
    [[nodiscard]] Record describe(const MachineFacts& facts) const;
    void recall();
    [[nodiscard]] bool memorise();

    const IdentityOptions options_;
    std::unique_ptr<Machine> machine_;
    // What was last reported; moves on only when the sink has taken it.
    IdentityMemory memory_;
    IdentityMemory saved_;
    bool recalled_ = false;
    std::map<std::string_view, PostureFinding> posture_;
    std::optional<Record> identity_;
    MonotonicTime reported_at_{};
};

Result<void> IdentitySensor::run(std::stop_token stop, const SensorContext& context) {
    recall();
    while (!stop.stop_requested()) {
        const std::stop_token cued = context.drill.next();
        auto looked = look(context);
        if (looked) looked = prove(context);
        const bool memorised = memorise();  // what was taken, even if not all was
        if (!looked) return looked.error().within("identity");
        if (!memorised) context.health.report(name(), SensorState::degraded, "memory_not_writable");
        machine_->sleep(EitherStop(stop, cued).token(), kLook);
    }
    return {};
}

Result<void> IdentitySensor::look(const SensorContext& context) {
    auto boot = machine_->boot();
    if (!boot) return boot.error();
    if (auto told = report_boot(*boot, context); !told) return told;
    const MachineFacts facts = machine_->facts();
    if (auto told = report_posture(*boot, facts, context); !told) return told;
    if (auto told = report_components(facts, context); !told) return told;
    if (auto told = report_identity(facts, context); !told) return told;
    context.health.report(name(), facts.serials_forbidden ? SensorState::degraded : SensorState::ok,
                          facts.serials_forbidden ? "serials_forbidden" : "");
    return {};
}

Result<void> IdentitySensor::report_boot(const BootFacts& boot, const SensorContext& context) {
    if (boot.boot_id == memory_.boot_id) return {};
    Record body{{"boot_source", to_text(boot.source)}, {"secure_boot", to_text(boot.secure_boot)}};
    if (boot.measure_digest) body.set("measure_digest", *boot.measure_digest);
    body.set("last_shutdown", to_text(boot.last_shutdown));
    const auto up = std::chrono::milliseconds(context.clock.monotonic().count());
    if (auto taken = context.sink.take({"device.boot", std::move(body), context.clock.now() - up, {}, {}});
        !taken)
        return taken;
    memory_.boot_id = boot.boot_id;
    return {};
}

Result<void> IdentitySensor::report_posture(const BootFacts& boot, const MachineFacts& facts, const SensorContext& context) {
    const bool expected = options_.posture.has_value();
    context.health.report("posture", expected ? SensorState::ok : SensorState::absent, expected ? "" : "no_firmware_config");
    if (!expected) return {};
    for (const PostureFinding& finding : check_posture(*options_.posture, boot, facts)) {
        const auto known = posture_.find(finding.name);
        if (known != posture_.end() && known->second == finding) continue;
        Record body{{"name", finding.name}, {"value", finding.value}};
        if (known != posture_.end()) body.set("previous", known->second.value);
        body.set("compliant", finding.compliant);
        if (auto taken = context.sink.take({"policy.setting", std::move(body), std::nullopt, {}, {}}); !taken) return taken;
        posture_.insert_or_assign(finding.name, finding);
    }
    return {};
}

// A group that the kernel does not show now is not gone; one that it shows for the first time holds nothing
// new.
Result<void> IdentitySensor::report_components(const MachineFacts& facts, const SensorContext& context) {
    for (const auto& [group, present] : components_of(facts)) {
        const auto [known, first] = memory_.groups.try_emplace(group, present);
        if (first) continue;
        if (auto told = report_differences(present, known->second, context); !told) return told;
    }
    return {};
}

Result<void> IdentitySensor::report_differences(const Components& present, Components& known,
                                                const SensorContext& context) {
    for (const auto& [hash, kind] : Components(known)) {
        if (present.contains(hash)) continue;
        if (auto told = report_component("removed", hash, kind, context); !told) return told;
        known.erase(hash);
    }
    for (const auto& [hash, kind] : present) {
        if (known.contains(hash)) continue;
        if (auto told = report_component("added", hash, kind, context); !told) return told;
        known.emplace(hash, kind);
    }
    return {};
}

// When between two looks it happened nobody knows.
Result<void> IdentitySensor::report_component(std::string_view action, const std::string& hash,
                                              const std::string& kind, const SensorContext& context) {
    Record body{{"action", action}, {"class", kind}, {"id_hash", hash}};
    return context.sink.take({"device.component", std::move(body), std::nullopt, {}, {}});
}

Result<void> IdentitySensor::report_identity(const MachineFacts& facts, const SensorContext& context) {
    Record body = describe(facts);
    const MonotonicTime now = context.clock.monotonic();
    if (identity_ == body && now < reported_at_ + kRepeat) return {};
    if (auto taken = context.sink.take({std::string(kIdentity), body, context.clock.now(), {}, {}}); !taken)
        return taken;
    identity_ = std::move(body);
    reported_at_ = now;
    return {};
}

// A copy of what the look just found: a change was told before it, and unmarked.
Result<void> IdentitySensor::prove(const SensorContext& context) {
    const auto drill = context.drill.cue(name());
    if (!drill) return {};
    Observation copy{std::string(kIdentity), *identity_, context.clock.now(), {}, {}};
    copy.drill = drill->nonce;
    if (auto taken = context.sink.take(copy); !taken) return taken;
    context.drill.done(name());
    return {};
}

Record IdentitySensor::describe(const MachineFacts& facts) const {
    Record body;
    const auto add = [&](std::string_view field, const std::optional<std::string>& fact) {
        if (fact && fits(field, *fact)) body.set(field, *fact);
    };
    add("hostname", facts.hostname);
    add("asset_tag", facts.asset_tag);
    add("system_serial", facts.system_serial);
    add("board_serial", facts.board_serial);
    add("manufacturer", facts.manufacturer);
    add("model", facts.model);
    add("tpm_ek_sha256", facts.tpm_ek_sha256);
    if (facts.tpm_present) body.set("tpm_present", *facts.tpm_present);
    add("machine_id_sha256", facts.machine_id_sha256);
    if (facts.disk_serials) body.set("disk_serials", disk_list(*facts.disk_serials));
    if (facts.cards) body.set("nics", card_list(*facts.cards));
    add("os_build", facts.os_build);
    add("mnemonic", read_mnemonic(options_.mnemonic_source).value_or(options_.mnemonic));
    add("terminal_identifier", options_.terminal_identifier);
    add("ori", options_.ori);
    add("agent_version", options_.agent_version);
    add("agent_sha256", machine_->program_sha256());
    return body;
}

void IdentitySensor::recall() {
    if (recalled_ || options_.memory_file.empty()) return;
    if (auto loaded = load_identity_memory(options_.memory_file)) saved_ = memory_ = std::move(*loaded);
    recalled_ = true;
}

bool IdentitySensor::memorise() {
    if (options_.memory_file.empty() || memory_ == saved_) return true;
    if (!save_identity_memory(memory_, options_.memory_file)) return false;
    saved_ = memory_;
    return true;
}

}  // namespace

std::unique_ptr<Sensor> make_identity_sensor(const IdentityOptions& options) {
    return make_identity_sensor(options, make_linux_machine(options.root));
}

std::unique_ptr<Sensor> make_identity_sensor(const IdentityOptions& options,
                                             std::unique_ptr<Machine> machine) {
    return std::make_unique<IdentitySensor>(options, std::move(machine));
}

}  // namespace sallyport::agent
