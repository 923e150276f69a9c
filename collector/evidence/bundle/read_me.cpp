// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/bundle/read_me.hpp"

#include <algorithm>

#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::evidence {
namespace {

constexpr std::size_t kLinesShown = 500;

constexpr std::string_view kStyle =
    "body{font:15px/1.45 sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#111}"
    "table{border-collapse:collapse;width:100%;margin:.5em 0}td,th{border:1px solid #bbb;padding:.25em .5em;"
    "text-align:left;vertical-align:top}code{font:13px monospace;overflow-wrap:anywhere}h2{margin-top:1.6em}";

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

std::string code(std::string_view text) {
    return "<code>" + escaped(text) + "</code>";
}

// A table: a header, then rows of cells that are HTML already.
class Table {
public:
    explicit Table(std::initializer_list<std::string_view> header) {
        html_ = "<table><thead><tr>";
        for (const std::string_view name : header)
            html_ += "<th scope=\"col\">" + escaped(name) + "</th>";
        html_ += "</tr></thead><tbody>\n";
    }
    void row(std::initializer_list<std::string> cells) {
        html_ += "<tr>";
        for (const std::string& cell : cells)
            html_ += "<td>" + cell + "</td>";
        html_ += "</tr>\n";
    }
    [[nodiscard]] std::string html() const { return html_ + "</tbody></table>\n"; }

private:
    std::string html_;
};

std::string what_it_is(const ReadMe& about) {
    const Manifest& manifest = about.manifest;
    Table table{{"", ""}};
    table.row({"Incident", escaped(manifest.incident_number) + " " + code(manifest.incident_id)});
    table.row({"Agency", escaped(manifest.ori)});
    table.row({"Exported", escaped(format_time(manifest.exported_at)) + " by " + escaped(manifest.exported_by) + " (" +
                               escaped(manifest.exported_role) + "), purpose: " + escaped(manifest.purpose)});
    table.row({"Form", manifest.form == BundleForm::full ? "full" : "redacted: lines that name an account are withheld; "
                                                                   "their hash, place and proof are here"});
    table.row({"Lines", std::to_string(manifest.events) + ", of which " + std::to_string(manifest.withheld) + " withheld"});
    table.row({"Proven against", "head of " + escaped(manifest.log_origin) + ", " + std::to_string(manifest.log_size) +
                                     " lines, root " + code(to_base64(manifest.log_root))});
    table.row({"Signed by", "the key with the SHA-256 fingerprint " + code(about.key_fingerprint)});
    return table.html();
}

std::string how_to_verify() {
    return "<h2>Before you rely on it</h2><p>This page proves nothing. Have the file verified, with the collector's public key "
           "from a source that you trust:</p><p><code>sallyportctl evidence verify FILE --key PUBLIC_KEY</code></p><p>It needs "
           "the file and the key, and no network. How an expert writes a verifier of their own stands in Sallyport's "
           "<code>docs/formats/evidence-bundle.md</code>, with an example in Python.</p>\n";
}

std::string alerts_of(const ReadMe& about) {
    Table table{{"When", "Rule", "Severity", "Terminal", "What", "Clauses", "Rests on lines"}};
    for (const AlertCase& one : about.file.alerts) {
        const store::Alert& alert = one.alert;
        std::string clauses, lines;
        for (const std::string& clause : alert.control_refs)
            clauses += (clauses.empty() ? "" : "; ") + escaped(clause);
        for (const EvidenceLine& line : one.lines)
            lines += (lines.empty() ? "" : ", ") + std::to_string(line.stored.ingest_id);
        table.row({escaped(format_time(alert.first_event_at)), escaped(alert.rule_id), escaped(alert.severity),
                   escaped(alert.terminal_id.value_or("")), escaped(alert.title) + "<br>" + escaped(alert.summary), clauses,
                   lines});
    }
    return "<h2>Alerts</h2><p>What the rules raised. Their text as it was is in the folder <code>rules</code>.</p>\n" +
           table.html();
}

std::string lines_of(const ReadMe& about) {
    Table table{{"No.", "Terminal's time", "Received", "Terminal", "Type", "Role", "Content"}};
    for (std::size_t i = 0; i < about.events.size() && i < kLinesShown; ++i) {
        const EventEntry& event = about.events[i];
        std::string content = event.line ? code(*event.line) : "withheld: " + escaped(event.withheld);
        if (event.shown) content += "<br>as the collector shows it: " + code(write_json(*event.shown));
        table.row({std::to_string(event.event), escaped(format_time(event.event_time)),
                   escaped(format_time(event.received_at)), escaped(event.terminal), escaped(event.type),
                   escaped(event.role), content});
    }
    std::string html = "<h2>Lines</h2><p>As the terminals sent them. <em>evidence</em>: an alert rests on it; <em>context</em>: an "
                       "answer below or the audit trail does.</p>\n" + table.html();
    if (about.events.size() > kLinesShown)
        html += "<p>" + std::to_string(about.events.size() - kLinesShown) + " more are in <code>events.jsonl</code>.</p>\n";
    return html;
}

std::string explanations_of(const ReadMe& about) {
    Table table{{"Alert", "Question", "Answer", "What the store says"}};
    for (const Explanation& explanation : about.explanations) {
        const auto alert = std::find_if(about.file.alerts.begin(), about.file.alerts.end(), [&](const AlertCase& one) {
            return one.alert.alert_id == explanation.alert_id;
        });
        const std::string rule = alert == about.file.alerts.end() ? std::string() : alert->alert.rule_id;
        table.row({escaped(rule) + "<br>" + code(explanation.alert_id.substr(0, 12)), escaped(explanation.question),
                   escaped(explanation.answer), escaped(explanation.said)});
    }
    return "<h2>Other explanations</h2><p>Asked of the store when this file was made. <em>yes</em> means that the explanation "
           "cannot be ruled out by what the store says; <em>unknown</em> that it cannot be asked.</p>\n" +
           table.html();
}

std::string limits_of(const ReadMe& about) {
    std::string html = "<h2>What the system cannot know</h2><ul>\n";
    for (const Limit& limit : about.limits)
        html += "<li>" + (limit.kind.empty() ? std::string() : "<strong>" + escaped(limit.kind) + "</strong> ") +
                escaped(limit.text) + "</li>\n";
    return html + "</ul>\n";
}

}  // namespace

std::string read_me_page(const ReadMe& about) {
    const std::string title = "Evidence of incident " + escaped(about.manifest.incident_number);
    return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + title + "</title><style>" +
           std::string(kStyle) + "</style></head><body>\n<h1>" + title + "</h1>\n<p>" + escaped(about.file.incident.summary) +
           "</p>\n" + what_it_is(about) + how_to_verify() + alerts_of(about) + lines_of(about) + explanations_of(about) +
           limits_of(about) + "</body></html>\n";
}

}  // namespace sallyport::evidence
