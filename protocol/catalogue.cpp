// SPDX-License-Identifier: Apache-2.0
#include "protocol/catalogue.hpp"

#include <algorithm>

namespace sallyport {
namespace {

using Choices = std::span<const std::string_view>;

constexpr FieldSpec required(FieldSpec field) {
    field.required = true;
    return field;
}
constexpr FieldSpec token(std::string_view name, std::int64_t max = 64) {
    return {name, FieldKind::token, false, 1, max, {}, {}};
}
constexpr FieldSpec label(std::string_view name, std::int64_t max = 128) {
    return {name, FieldKind::label, false, 1, max, {}, {}};
}
constexpr FieldSpec hex(std::string_view name, std::int64_t digits) {
    return {name, FieldKind::hex, false, digits, digits, {}, {}};
}
constexpr FieldSpec base64(std::string_view name, std::int64_t max) {
    return {name, FieldKind::base64, false, 4, max, {}, {}};
}
constexpr FieldSpec integer(std::string_view name, std::int64_t min = 0, std::int64_t max = INT64_MAX) {
    return {name, FieldKind::integer, false, min, max, {}, {}};
}
constexpr FieldSpec number(std::string_view name, std::int64_t min, std::int64_t max) {
    return {name, FieldKind::number, false, min, max, {}, {}};
}
constexpr FieldSpec flag(std::string_view name) { return {name, FieldKind::flag, false, 0, 0, {}, {}}; }
constexpr FieldSpec choice(std::string_view name, Choices choices) {
    return {name, FieldKind::choice, false, 0, 0, choices, {}};
}
constexpr FieldSpec time(std::string_view name) { return {name, FieldKind::time, false, 0, 0, {}, {}}; }
constexpr FieldSpec tokens(std::string_view name, std::int64_t max) {
    return {name, FieldKind::tokens, false, 0, max, {}, {}};
}
constexpr FieldSpec records(std::string_view name, std::int64_t max, std::span<const FieldSpec> fields) {
    return {name, FieldKind::records, false, 0, max, {}, fields};
}

// --- device ---------------------------------------------------------------------------------------------------

constexpr std::string_view kNicKinds[] = {"wired", "wifi", "cellular", "virtual", "other"};
constexpr std::string_view kBuses[] = {"pci", "usb", "virtual", "other"};
constexpr FieldSpec kNic[] = {required(token("mac", 17)), required(choice("type", kNicKinds)),
                              required(choice("bus", kBuses))};
constexpr FieldSpec kDeviceIdentity[] = {
    label("hostname"), label("asset_tag", 64), label("system_serial", 64), label("board_serial", 64),
    label("manufacturer"), label("model"), hex("tpm_ek_sha256", 64), flag("tpm_present"), hex("machine_id_sha256", 64),
    tokens("disk_serials", 32), records("nics", 32, kNic), label("os_build"),
    token("mnemonic", 25), token("terminal_identifier", 25), token("ori", 9), token("agent_version"),
    hex("agent_sha256", 64)};

constexpr std::string_view kBootSources[] = {"internal", "usb", "network", "optical", "unknown"};
constexpr std::string_view kShutdowns[] = {"clean", "power", "crash", "unknown"};
constexpr std::string_view kSwitch[] = {"on", "off", "unknown"};
constexpr FieldSpec kDeviceBoot[] = {required(choice("boot_source", kBootSources)),
                                     required(choice("secure_boot", kSwitch)), hex("measure_digest", 64),
                                     required(choice("last_shutdown", kShutdowns))};
// told_by: who read it, with its own version: a value that changes with its teller is no change. expected: whether the
// firmware-config of the terminal's model has it; absent where none speaks of the component.
constexpr FieldSpec kDeviceFirmware[] = {required(token("component")), required(label("version", 64)),
                                         hex("digest", 64), label("previous_version", 64),
                                         hex("previous_digest", 64), token("told_by"), flag("expected")};
constexpr std::string_view kAddedRemoved[] = {"added", "removed"};
constexpr FieldSpec kDeviceComponent[] = {required(choice("action", kAddedRemoved)), required(token("class")),
                                          required(hex("id_hash", 64))};
constexpr std::string_view kNetworkTypes[] = {"wired", "wifi", "cellular", "vpn", "tether"};
constexpr FieldSpec kDeviceNetwork[] = {required(choice("if_type", kNetworkTypes)), token("ip", 45),
                                        token("subnet", 49), hex("gateway_hash", 64), hex("ssid_hash", 64)};
constexpr std::string_view kOpenClosed[] = {"open", "closed"};
constexpr FieldSpec kDeviceChassis[] = {required(choice("state", kOpenClosed))};
constexpr FieldSpec kDeviceShutdown[] = {required(token("reason"))};
constexpr FieldSpec kDeviceSleep[] = {required(token("reason"))};
constexpr FieldSpec kDeviceResume[] = {integer("slept_s")};

// --- usb ------------------------------------------------------------------------------------------------------

constexpr std::string_view kUsbDecisions[] = {"allowed", "blocked"};
constexpr std::string_view kUsbIdentities[] = {"device", "model"};
// identity `device`: its serial number is such as a maker gives to one device alone; `model`: it is not, or two have it at
// once. functions: what each interface is, in words; is_composite: more than one kind of device. parent: `vid:pid` of the
// hub above it, evidence as the port is and no key. rule and rule_set: what decided, where the terminal enforces: `rule-3`
// of the set with that SHA-256, or `default`, `console`, `hub`, `internal`, `system` (docs/formats/usb-policy.md).
// previous_port and gone_ms: of usb.reenumerate, one fact for a device that left and was back at once.
constexpr FieldSpec kUsbDevice[] = {
    required(hex("vid", 4)), required(hex("pid", 4)), required(hex("serial_hash", 64)),
    required(flag("serial_present")), required(tokens("classes", 32)), required(flag("is_storage")),
    required(flag("is_hid")), required(flag("is_keyboard")), required(flag("is_net")), required(flag("is_mtp")),
    required(token("port", 32)), required(flag("external")), required(choice("decision", kUsbDecisions)),
    flag("present_at_start"), choice("identity", kUsbIdentities), tokens("functions", 16), flag("is_composite"),
    token("parent", 9), token("rule", 32), hex("rule_set", 64), token("previous_port", 32), integer("gone_ms")};
constexpr std::string_view kTernary[] = {"yes", "no", "unknown"};
constexpr FieldSpec kUsbMount[] = {required(hex("serial_hash", 64)), required(token("fs_kind", 32)),
                                   required(choice("encrypted", kTernary)), required(flag("read_only")),
                                   required(integer("size_mb"))};
// file_count is optional: a kernel counts blocks and not files, so that Linux leaves it out.
constexpr FieldSpec kUsbWrite[] = {required(hex("serial_hash", 64)), required(integer("bytes")),
                                   integer("file_count"), required(integer("window_s"))};

// --- print ----------------------------------------------------------------------------------------------------

constexpr std::string_view kPrinterKinds[] = {"network", "local", "virtual", "file", "redirected", "unknown"};
constexpr std::string_view kJobStates[] = {"submitted", "released", "completed", "cancelled", "blocked", "failed"};
constexpr std::string_view kPrintWays[] = {"queue", "device_node"};
constexpr std::string_view kPageSources[] = {"accounted", "declared", "none"};
// pages: sides, all copies together; as accounted (pages_confirmed), else as the client declared (pages_claimed).
// sheets: of paper. sides: of a sheet.
constexpr FieldSpec kPrintJob[] = {required(token("job_id")),
                                   token("printer_id"),
                                   required(hex("printer_hash", 64)),
                                   required(choice("printer_kind", kPrinterKinds)),
                                   choice("way", kPrintWays),
                                   integer("pages"),
                                   integer("pages_claimed"),
                                   integer("pages_confirmed"),
                                   choice("pages_source", kPageSources),
                                   integer("sheets"),
                                   integer("sides", 1, 2),
                                   integer("pages_per_side", 1),
                                   integer("copies", 1),
                                   integer("bytes"),
                                   required(choice("state", kJobStates))};
constexpr std::string_view kPrinterActions[] = {"added", "removed", "default_changed", "port_changed"};
constexpr FieldSpec kPrinterChange[] = {required(choice("action", kPrinterActions)), token("printer_id"),
                                        required(hex("printer_hash", 64)),
                                        required(choice("printer_kind", kPrinterKinds))};

// --- screen and display -----------------------------------------------------------------------------------------

constexpr std::string_view kCaptureMethods[] = {"os_capture", "share", "remote_view", "recording", "unknown"};
constexpr FieldSpec kScreenCapture[] = {required(choice("method", kCaptureMethods))};
constexpr std::string_view kDisplayActions[] = {"attached", "detached", "mirrored", "extended", "cast"};
// count: displays that show the screen then, the one told of among them.
constexpr FieldSpec kDisplayChange[] = {required(choice("action", kDisplayActions)), required(integer("count")),
                                        token("external_kind", 32)};

// --- camera -----------------------------------------------------------------------------------------------------

constexpr std::string_view kCameraStates[] = {"on",    "off",    "covered", "blinded",      "defocused",
                                              "moved", "frozen", "virtual", "disconnected", "in_use_by_other"};
constexpr FieldSpec kCameraState[] = {required(choice("state", kCameraStates)), required(choice("indicator", kSwitch))};
constexpr std::string_view kZones[] = {"near", "far"};
constexpr FieldSpec kCameraPresence[] = {required(integer("faces", 0, 9)),
                                         required(flag("operator_present")),
                                         required(integer("onlookers", 0, 9)),
                                         required(integer("duration_ms")),
                                         required(number("confidence", 0, 1)),
                                         required(choice("zone", kZones)),
                                         required(number("min_confidence", 0, 1))};
constexpr FieldSpec kCameraDeviceRaised[] = {required(number("confidence", 0, 1)), required(integer("duration_ms"))};

// --- session ----------------------------------------------------------------------------------------------------

constexpr std::string_view kSessionKinds[] = {"console", "remote", "service"};
constexpr std::string_view kLogonMethods[] = {"password", "mfa", "smartcard", "sso", "unknown"};
constexpr FieldSpec kSessionLogon[] = {required(choice("kind", kSessionKinds)),
                                       required(choice("method", kLogonMethods)), token("failure_reason"),
                                       flag("present_at_start")};
constexpr FieldSpec kSessionLogoff[] = {required(choice("kind", kSessionKinds))};
constexpr std::string_view kLockCauses[] = {"user", "timeout", "policy", "card_removed", "remote", "unknown"};
constexpr FieldSpec kSessionLock[] = {required(choice("cause", kLockCauses)), choice("method", kLogonMethods),
                                      flag("present_at_start")};
constexpr FieldSpec kSessionIdle[] = {required(integer("idle_s", 0, 86400))};
constexpr std::string_view kClientStates[] = {"started", "stopped", "foreground", "background"};
constexpr FieldSpec kCletsClient[] = {required(choice("state", kClientStates))};

// --- policy and agent -------------------------------------------------------------------------------------------

// The second line: what a firmware-config expects of the terminal's model; the third: what the print sensor needs of cupsd;
// the fourth: what a firmware-config expects of the camera.
constexpr std::string_view kSettings[] = {"lock_timeout",  "lock_screen_hides", "usb_policy",  "banner",
                                          "secure_boot",   "tpm",               "boot_source", "fixed_usb",
                                          "print_history", "print_files",       "print_log",   "print_accounts",
                                          "camera_model",  "camera_resolution"};
constexpr FieldSpec kPolicySetting[] = {required(choice("name", kSettings)), required(token("value")),
                                        token("previous"), choice("compliant", kTernary)};
constexpr std::string_view kStartReasons[] = {"boot", "restart", "upgrade", "crash", "unknown"};
constexpr FieldSpec kAgentStart[] = {required(token("version")),
                                     required(hex("sha256", 64)),
                                     required(choice("reason", kStartReasons)),
                                     required(base64("batch_key", 256)),
                                     required(base64("batch_key_cert", 128)),
                                     // The instance before this one, named by its first line only (system.md 9.1).
                                     token("previous_instance", 32),
                                     integer("previous_seq"),
                                     hex("previous_head", 64)};
constexpr FieldSpec kAgentStop[] = {required(token("version")), required(token("reason")), token("requested_by")};
constexpr std::string_view kResults[] = {"pass", "fail"};
constexpr FieldSpec kAgentSelfcheck[] = {required(choice("result", kResults)), tokens("failed_items", 32)};
constexpr std::string_view kConfigSources[] = {"signed_bundle", "local_edit", "unknown"};
constexpr FieldSpec kAgentConfig[] = {required(hex("sha256", 64)), hex("previous", 64),
                                      required(choice("source", kConfigSources))};
// A sensor's name is its own: the agent's catalogue of sensors has them.
constexpr FieldSpec kSensorName = required(token("sensor", 32));
constexpr std::string_view kSensorStates[] = {"ok", "degraded", "off", "absent"};
constexpr FieldSpec kAgentSensor[] = {kSensorName,
                                      required(choice("state", kSensorStates)), token("reason", 96)};
constexpr FieldSpec kAgentClockStep[] = {required(integer("delta_ms", INT64_MIN)), required(token("source"))};
constexpr std::string_view kTamperKinds[] = {"binary_changed", "config_changed", "process_killed",
                                             "debugger",       "service_disabled", "log_deleted",
                                             "driver_unloaded", "permission_changed"};
constexpr FieldSpec kAgentTamper[] = {required(choice("kind", kTamperKinds))};
constexpr std::string_view kQueueStates[] = {"filling", "overflow", "drained"};
constexpr FieldSpec kAgentQueue[] = {required(choice("state", kQueueStates)), required(integer("depth")),
                                     required(integer("dropped"))};
// Something was missed between the kernel, a daemon and a sensor, with a number where one is known.
constexpr FieldSpec kAgentGap[] = {kSensorName, required(token("reason", 96)),
                                   integer("missed")};
// A drill's course (docs/formats/drill.md): begun and ended; refused, with the reason; and what a sensor answered for which
// nothing of its own kind can be made. failed: it was looked at, and could not see.
constexpr std::string_view kDrillStates[] = {"begun", "ended", "refused", "answered"};
constexpr std::string_view kDrillAnswers[] = {"proven", "failed", "off", "absent", "not_possible"};
constexpr FieldSpec kAgentDrill[] = {required(choice("state", kDrillStates)), token("sensor", 32),
                                     choice("answer", kDrillAnswers), token("reason", 96)};

// --- what the collector saw itself (system.md 9.4) ---------------------------------------------------------------
// `terminal` names the terminal it is about; rules read it as terminal_id.

constexpr FieldSpec kAbout = {"terminal", FieldKind::token, false, 1, 64, {}, {}};
constexpr std::string_view kLiveness[] = {"alive", "late", "offline", "back", "shutdown", "asleep"};
constexpr FieldSpec kServerLiveness[] = {required(kAbout), required(choice("state", kLiveness)),
                                         required(time("last_seen_at")), flag("never_seen")};
constexpr FieldSpec kServerGap[] = {required(kAbout), required(token("instance", 32)), required(integer("first_seq")),
                                    required(integer("last_seq"))};
constexpr FieldSpec kServerFork[] = {required(kAbout), required(token("instance", 32)), required(integer("seq")),
                                     required(hex("leaf", 64)), required(hex("other_leaf", 64))};
constexpr std::string_view kOwnClock[] = {"stepped", "unsynced", "synced"};
constexpr FieldSpec kServerClock[] = {required(choice("state", kOwnClock)), required(integer("delta_ms", INT64_MIN))};
constexpr std::string_view kRefusals[] = {"unknown_terminal", "terminal_mismatch", "unknown_key", "bad_signature",
                                          "chain_break",      "bad_topic",         "malformed",   "too_large",
                                          "revoked",          "bad_status"};
constexpr FieldSpec kServerRefusal[] = {kAbout,
                                        required(choice("reason", kRefusals)),
                                        required(hex("sha256", 64)),
                                        required(integer("size")),
                                        required(hex("topic_sha256", 64)),
                                        integer("repeated")};
constexpr FieldSpec kServerTombstone[] = {required(kAbout), required(token("instance", 32)), required(integer("seq")),
                                          required(hex("leaf", 64)), required(integer("size")),
                                          required(token("field", 64)), required(token("reason", 96))};
constexpr FieldSpec kServerInstance[] = {required(kAbout), required(token("instance", 32)),
                                         token("previous_instance", 32), required(choice("continuity", kTernary))};
// An event that carries the mark of a drill and was not cued by it. It was judged as any other.
constexpr std::string_view kMarkFaults[] = {"unknown_drill", "other_terminal", "out_of_span", "not_cued"};
constexpr FieldSpec kServerDrill[] = {required(kAbout), required(token("instance", 32)), required(integer("seq")),
                                      required(hex("drill", 32)), required(choice("reason", kMarkFaults))};
constexpr std::string_view kMqttEvents[] = {"connect", "disconnect", "auth_fail", "last_will"};
constexpr FieldSpec kServerMqtt[] = {kAbout, required(choice("event", kMqttEvents))};
// What the broker counts of itself: messages that it dropped since it was last asked. Terminals send them again.
constexpr FieldSpec kServerBroker[] = {required(integer("dropped"))};
constexpr FieldSpec kDeviceSummary[] = {required(kAbout), required(time("hour")), required(integer("heartbeats")),
                                        required(integer("events"))};
constexpr FieldSpec kRegisterChange[] = {required(token("register", 32)), required(token("id")),
                                         required(token("action", 32)), required(hex("after_sha256", 64))};
constexpr FieldSpec kConsoleAction[] = {required(token("action", 48)), required(token("object_type", 32)),
                                        required(token("object_id")), required(token("actor"))};
constexpr FieldSpec kRuleChange[] = {required(token("rule", 32)), required(token("action", 32)), token("site"),
                                     hex("sha256", 64)};
// An alert about a person's conduct was judged by a person. `day`: the county's, on which its condition held.
constexpr std::string_view kSeverities[] = {"critical", "high", "medium", "low", "info"};
constexpr FieldSpec kAlertResolution[] = {required(token("alert_id")),    required(token("rule_id", 32)),
                                          choice("severity", kSeverities), required(token("operator_ref")),
                                          required(token("disposition", 32)), required(token("day", 10))};
// The store came back from a backup of that time, with so many lines.
constexpr FieldSpec kStoreRestored[] = {required(time("backup_at")), required(integer("lines")),
                                        integer("missing")};
constexpr FieldSpec kStoreFailure[] = {required(token("what", 48)), required(token("reason", 96))};

// --- the daily sweep of the registers ------------------------------------------------------------------------------
// Each morning one line for each entry, with what follows from it on that day, so that a rule on it is a plain
// detection, and the line of a later day, on which the cause is gone, ends it. `..._days` counts to what is due (below
// zero: overdue), `..._age` since what was; neither is there where there is no such day. People are operator_refs.

constexpr FieldSpec days(std::string_view name) { return integer(name, -100'000, 100'000); }
constexpr FieldSpec kDay = required(token("day", 10));  // the county's, as 2026-11-23
constexpr FieldSpec kSite = token("site_id");
constexpr FieldSpec kRoom = token("room_id");

constexpr std::string_view kTerminalStatus[] = {"proposed", "licensed", "suspended", "in_repair",
                                                "lost",     "stolen",   "retired"};
constexpr std::string_view kDutyProfiles[] = {"office_hours", "round_the_clock", "occasional"};
constexpr std::string_view kLockExempt[] = {"none", "dispatch", "receive_only", "conveyance"};
// survey_findings: SCREEN_FACES_PUBLIC, WINDOW_BEHIND (either without a privacy filter), PUBLIC_ZONE, SURVEY_MISSING,
// SURVEY_STALE. lock_exempt_findings: ZONE_NOT_SECURE, NOT_APPROVED, ROOM_NOT_DISPATCH. missing: required fields of a
// licensed terminal that its entry lacks.
constexpr FieldSpec kSweepTerminal[] = {required(kAbout),
                                        kDay,
                                        kSite,
                                        kRoom,
                                        choice("status", kTerminalStatus),
                                        choice("duty_profile", kDutyProfiles),
                                        days("license_review_days"),
                                        required(flag("never_seen")),
                                        required(integer("unseen_age", 0, 100'000)),  // since licensed, if never seen
                                        days("certificate_days"),
                                        required(flag("certificate_revoked")),
                                        integer("survey_age", 0, 100'000),
                                        required(tokens("survey_findings", 8)),
                                        required(choice("lock_exempt", kLockExempt)),
                                        required(tokens("lock_exempt_findings", 8)),
                                        integer("inspection_age", 0, 100'000),
                                        required(tokens("missing", 64))};

constexpr std::string_view kOperatorRoles[] = {"FAO", "LTFAO", "practitioner", "administrator", "technician", "none"};
constexpr std::string_view kEmployers[] = {"employee", "volunteer", "contractor", "other_agency"};
constexpr std::string_view kAccessStatus[] = {"pending", "active", "suspended", "revoked", "expired"};
constexpr std::string_view kAuthorisations[] = {"authorised", "not_authorised"};
// reasons: those of the authorisation (dictionary section 6). findings: what is wrong with the entry, missing told from
// lapsed: NOT_CLEARED, CLEARANCE_LAPSED, STATEMENT_MISSING, STATEMENT_EXPIRED, DMV_MISSING, DMV_EXPIRED, ADDENDUM_MISSING,
// ADDENDUM_LAPSED, TRAINING_OVERDUE, AWARENESS_MISSING, AWARENESS_OVERDUE, EXAM_MISSING, EXAM_EXPIRED, EXAM_FAILED,
// EXAM_TOO_LOW, LIABILITY_UNSIGNED, RULES_OVERDUE, ACCESS_NOT_REMOVED. expiring: what falls due within 60 days: EXAM,
// STATEMENT, DMV, AWARENESS, ADDENDUM, CLEARANCE, TRAINING, RULES; the soonest of them in next_due and next_due_days.
constexpr FieldSpec kSweepOperator[] = {required(token("operator_ref")),
                                        kDay,
                                        kSite,
                                        choice("role", kOperatorRoles),
                                        choice("employer_kind", kEmployers),
                                        choice("access_status", kAccessStatus),
                                        required(flag("access_open")),
                                        required(choice("authorisation", kAuthorisations)),
                                        required(tokens("reasons", 16)),
                                        required(tokens("findings", 32)),
                                        required(tokens("expiring", 16)),
                                        token("next_due", 16),
                                        integer("next_due_days", 0, 60),
                                        days("exam_days"),
                                        days("statement_days"),
                                        days("dmv_days"),
                                        days("awareness_days"),
                                        days("addendum_days"),
                                        days("clearance_days"),
                                        days("training_days"),
                                        days("rules_days"),
                                        days("access_days"),
                                        integer("separated_age", 0, 100'000),
                                        integer("transferred_age", 0, 100'000),
                                        required(flag("never_used")),
                                        integer("unused_age", 0, 100'000),  // since access began, if never used
                                        // On the day before; and by the median of the 30 working days before that, where
                                        // ten are known, of one page at least.
                                        integer("printed_pages", 0, 1'000'000'000),
                                        number("printed_times_usual", 0, 1'000'000'000)};

constexpr std::string_view kRegisteredPrinters[] = {"network", "local", "virtual", "redirected"};
constexpr std::string_view kRoomZones[] = {"public", "controlled", "secure", "alternate_work_site", "vehicle"};
constexpr FieldSpec kSweepPrinter[] = {required(token("printer_id")),
                                       kDay,
                                       kSite,
                                       kRoom,
                                       choice("kind", kRegisteredPrinters),
                                       choice("zone", kRoomZones),
                                       required(flag("pull_print")),
                                       required(flag("approved")),
                                       required(integer("terminals", 0, 1'000'000))};  // on whose list it stands

constexpr std::string_view kMediaKinds[] = {"usb_storage",  "external_disk", "optical",         "card",
                                            "phone_or_mtp", "token_hid",     "smartcard_reader"};
constexpr std::string_view kMediaStatus[] = {"issued", "returned", "lost", "destroyed"};
constexpr FieldSpec kSweepMedia[] = {required(token("media_id")), kDay, kSite, token("operator_ref"),
                                     choice("kind", kMediaKinds), choice("status", kMediaStatus),
                                     days("valid_days")};

// overdue: ACCESS_LIST (yearly, CSP PE-2)
constexpr FieldSpec kSweepRoom[] = {required(token("room_id")),
                                    kDay,
                                    kSite,
                                    choice("zone", kRoomZones),
                                    required(integer("persons", 0, 1000)),
                                    days("access_list_days"),
                                    required(tokens("overdue", 4))};
// One person on one room's access list; `listed` is false once, on the day after the list lost the name. findings:
// NO_RECORD, NOT_CLEARED, STATEMENT_MISSING, STATEMENT_EXPIRED, TRAINING_OVERDUE, SEPARATED.
constexpr FieldSpec kSweepAccess[] = {required(token("room_id")), kDay, kSite, required(token("operator_ref")),
                                      required(flag("listed")), required(tokens("findings", 8))};

// overdue: KEY_INVENTORY (yearly, CSP PE-3), PHYSICAL_ACCESS_REVIEW, VISITOR_REVIEW (quarterly, CSP PE-6 and PE-8),
// RULE_DECISION: some rule has only observed there for more than 60 days (decision 11)
constexpr FieldSpec kSweepSite[] = {required(token("site_id")), kDay, days("key_inventory_days"),
                                    days("physical_access_review_days"), days("visitor_review_days"),
                                    days("rule_decision_days"), required(tokens("overdue", 8))};
// overdue: ACCOUNT_REVIEW, RULE_REVIEW (yearly, CSP AC-2 and AU-2), RULE_DECISION (for what is of no site)
constexpr FieldSpec kSweepAgency[] = {kDay, days("account_review_days"), days("rule_review_days"), days("rule_decision_days"),
                                      required(tokens("overdue", 8))};

constexpr std::string_view kAgreementKinds[] = {"management_control_public", "management_control_private",
                                                "security_addendum", "subscriber", "placement"};
constexpr FieldSpec kSweepAgreement[] = {required(token("agreement_id")), kDay,
                                         choice("kind", kAgreementKinds), required(flag("signed")),
                                         days("review_days"), required(integer("persons", 0, 1000))};

// A maintenance window that ended within the last 30 days, once for each of its terminals.
constexpr FieldSpec kSweepWindow[] = {required(kAbout), required(token("window_id")), kDay, kSite,
                                      required(integer("ended_working_days", 0, 1000)), required(flag("logged"))};
// An exception in force or ended within the last 30 days.
constexpr FieldSpec kSweepException[] = {required(token("exception_id")), kDay, required(token("rule_id", 32)),
                                         required(integer("approvals", 0, 2)), required(flag("in_force")),
                                         days("end_days")};
// A misuse case that is not closed: days until the limitation date (Gov. Code 3304(d)(1)), with its tolling.
constexpr FieldSpec kSweepCase[] = {required(token("case_id")), kDay, required(flag("sworn")),
                                    required(flag("discipline_notified")), required(days("limitation_days"))};
// The misuse report of the year that ended or ends: how far it is come, and the days until it is due.
constexpr std::string_view kReportStates[] = {"none", "opened", "frozen", "submitted"};
constexpr FieldSpec kSweepReport[] = {required(integer("report_year", 2000, 9999)), kDay,
                                      required(choice("state", kReportStates)), required(days("due_days"))};
// The last line of a sweep: so many lines came before it.
constexpr FieldSpec kSweepDone[] = {kDay, required(integer("lines"))};

constexpr auto kTerminal = Origin::terminal;
constexpr auto kCollector = Origin::collector;

constexpr EventType kTypes[] = {
    {"device.identity", kTerminal, Priority::vital, kDeviceIdentity},
    {"device.boot", kTerminal, Priority::vital, kDeviceBoot},
    {"device.firmware", kTerminal, Priority::vital, kDeviceFirmware},
    {"device.component", kTerminal, Priority::vital, kDeviceComponent},
    {"device.network", kTerminal, Priority::normal, kDeviceNetwork},
    {"device.chassis", kTerminal, Priority::vital, kDeviceChassis},
    {"device.shutdown", kTerminal, Priority::vital, kDeviceShutdown},
    {"device.sleep", kTerminal, Priority::normal, kDeviceSleep},
    {"device.resume", kTerminal, Priority::normal, kDeviceResume},
    {"usb.attach", kTerminal, Priority::normal, kUsbDevice},
    {"usb.detach", kTerminal, Priority::normal, kUsbDevice},
    {"usb.reenumerate", kTerminal, Priority::normal, kUsbDevice},
    {"usb.mount", kTerminal, Priority::normal, kUsbMount},
    {"usb.write", kTerminal, Priority::normal, kUsbWrite},
    {"print.job", kTerminal, Priority::normal, kPrintJob},
    {"printer.change", kTerminal, Priority::normal, kPrinterChange},
    {"screen.capture", kTerminal, Priority::normal, kScreenCapture},
    {"display.change", kTerminal, Priority::normal, kDisplayChange},
    {"camera.state", kTerminal, Priority::normal, kCameraState},
    {"camera.presence", kTerminal, Priority::sample, kCameraPresence},
    {"camera.device_raised", kTerminal, Priority::normal, kCameraDeviceRaised},
    {"session.logon", kTerminal, Priority::normal, kSessionLogon},
    {"session.logoff", kTerminal, Priority::normal, kSessionLogoff},
    {"session.lock", kTerminal, Priority::normal, kSessionLock},
    {"session.unlock", kTerminal, Priority::normal, kSessionLock},
    {"session.idle", kTerminal, Priority::sample, kSessionIdle},
    {"clets.client", kTerminal, Priority::normal, kCletsClient},
    {"policy.setting", kTerminal, Priority::normal, kPolicySetting},
    {"agent.start", kTerminal, Priority::vital, kAgentStart},
    {"agent.stop", kTerminal, Priority::vital, kAgentStop},
    {"agent.selfcheck", kTerminal, Priority::vital, kAgentSelfcheck},
    {"agent.config", kTerminal, Priority::vital, kAgentConfig},
    {"agent.sensor", kTerminal, Priority::vital, kAgentSensor},
    {"agent.clock_step", kTerminal, Priority::vital, kAgentClockStep},
    {"agent.tamper", kTerminal, Priority::vital, kAgentTamper},
    {"agent.queue", kTerminal, Priority::vital, kAgentQueue},
    {"agent.gap", kTerminal, Priority::vital, kAgentGap},
    {"agent.drill", kTerminal, Priority::vital, kAgentDrill},
    {"server.liveness", kCollector, Priority::vital, kServerLiveness},
    {"server.gap", kCollector, Priority::vital, kServerGap},
    {"server.fork", kCollector, Priority::vital, kServerFork},
    {"server.refusal", kCollector, Priority::vital, kServerRefusal},
    {"server.tombstone", kCollector, Priority::vital, kServerTombstone},
    {"server.instance", kCollector, Priority::vital, kServerInstance},
    {"server.clock", kCollector, Priority::vital, kServerClock},
    {"server.mqtt", kCollector, Priority::vital, kServerMqtt},
    {"server.broker", kCollector, Priority::vital, kServerBroker},
    {"server.drill", kCollector, Priority::vital, kServerDrill},
    {"device.summary", kCollector, Priority::normal, kDeviceSummary},
    {"registry.change", kCollector, Priority::vital, kRegisterChange},
    {"operator.change", kCollector, Priority::vital, kRegisterChange},
    {"window.change", kCollector, Priority::vital, kRegisterChange},
    {"console.action", kCollector, Priority::normal, kConsoleAction},
    {"alert.resolution", kCollector, Priority::normal, kAlertResolution},
    {"rule.change", kCollector, Priority::vital, kRuleChange},
    {"store.failure", kCollector, Priority::vital, kStoreFailure},
    {"store.restored", kCollector, Priority::vital, kStoreRestored},
    {"sweep.terminal", kCollector, Priority::normal, kSweepTerminal},
    {"sweep.operator", kCollector, Priority::normal, kSweepOperator},
    {"sweep.printer", kCollector, Priority::normal, kSweepPrinter},
    {"sweep.media", kCollector, Priority::normal, kSweepMedia},
    {"sweep.room", kCollector, Priority::normal, kSweepRoom},
    {"sweep.access", kCollector, Priority::normal, kSweepAccess},
    {"sweep.site", kCollector, Priority::normal, kSweepSite},
    {"sweep.agency", kCollector, Priority::normal, kSweepAgency},
    {"sweep.agreement", kCollector, Priority::normal, kSweepAgreement},
    {"sweep.window", kCollector, Priority::normal, kSweepWindow},
    {"sweep.exception", kCollector, Priority::normal, kSweepException},
    {"sweep.case", kCollector, Priority::normal, kSweepCase},
    {"sweep.report", kCollector, Priority::normal, kSweepReport},
    {"sweep.done", kCollector, Priority::normal, kSweepDone},
};

}  // namespace

std::span<const EventType> event_types() { return kTypes; }

const EventType* find_event_type(std::string_view name) {
    const auto* at = std::find_if(std::begin(kTypes), std::end(kTypes),
                                  [&](const EventType& type) { return type.name == name; });
    return at == std::end(kTypes) ? nullptr : at;
}

}  // namespace sallyport
