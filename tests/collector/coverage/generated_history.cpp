// SPDX-License-Identifier: Apache-2.0
#include "tests/collector/coverage/generated_history.hpp"

#include <algorithm>

namespace sallyport::coverage::testing {
namespace {

constexpr int kHeartbeat = 60;

class Life {
public:
    explicit Life(std::uint32_t seed) : random_(seed), seed_(seed) {
        made_.state.assign(kSeconds, "never heard of");
        made_.camera.assign(kSeconds, "unknown");
        made_.usb.assign(kSeconds, "ok");
    }

    GeneratedHistory live() {
        choose_policy();
        int now = chance(3) ? between(0, 5000) : 0;
        new_instance();
        while (now < kSeconds)
            now = run(now);
        withhold();
        apply_policy();
        return std::move(made_);
    }

private:
    int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
    bool chance(int one_in) { return between(1, one_in) == 1; }

    void choose_policy() {
        static const std::vector<std::string> kPolicies = {"enabled", "enabled", "off_by_policy", "forbidden"};
        made_.policy.emplace_back(0, kPolicies[static_cast<std::size_t>(between(0, 3))]);
        if (chance(3) && made_.policy.front().second != "forbidden")
            made_.policy.emplace_back(between(6000, 20'000),
                                      made_.policy.front().second == "enabled" ? "off_by_policy" : "enabled");
    }
    void apply_policy() {
        for (int second = 0; second < kSeconds; ++second)
            for (const auto& [from, policy] : made_.policy)
                if (second >= from && policy != "enabled")
                    made_.camera[static_cast<std::size_t>(second)] = policy;
                else if (second >= from)
                    made_.camera[static_cast<std::size_t>(second)] = seen_[static_cast<std::size_t>(second)];
    }

    void new_instance() {
        instance_ = std::string(24, 'a') + std::to_string(10'000'000 + seed_ * 100 + ++instances_);
        seq_ = 0;
    }
    void write(std::string type, int at, Record body = {}) {
        if (at < kSeconds)
            pending_.push_back({instance_, 0, std::move(type), at, std::move(body), false});
    }
    void fill(std::vector<std::string>& truth, int from, int to, const std::string& value) {
        for (int second = std::max(from, 0); second < std::min(to, kSeconds); ++second)
            truth[static_cast<std::size_t>(second)] = value;
    }

    // One run of the agent, from its start to the next; returns when that is.
    int run(int begin) {
        Record start{{"reason", "boot"}};
        if (instances_ > 1 && renewed_)
            name_previous(start, begin);
        renewed_ = false;
        write("agent.start", begin, start);
        int end = begin + between(400, 9000);
        sensors(begin, end);
        for (int at = begin + between(20, 900); at < end - 5; at += between(30, 1200))
            write("usb.detach", at);
        fill(made_.state, begin, end, "monitored");
        const bool last = end >= kSeconds;
        const int outage = chance(3) ? between(begin + 100, std::max(begin + 101, std::min(end, kSeconds) - 100)) : -1;
        const int repaired = outage < 0 ? -1 : outage + between(200, 4000);
        if (last)
            return stay(begin, outage, repaired);
        return finish(begin, end, outage, repaired < end ? repaired : -1);
    }

    // Up to now.
    int stay(int begin, int outage, int repaired) {
        if (outage >= 0 && repaired >= kSeconds - 60) {  // cut off: what was written since has not come
            const int seen = last_heartbeat(begin, outage);
            std::erase_if(pending_, [&](const WrittenLine& line) { return line.at > outage; });
            commit();
            made_.notices.push_back({"offline", seen});
            const int life = std::max(seen, made_.lines.back().at);
            fill(made_.state, life, kSeconds, "silent");
            made_.last_seen = seen;
            return kSeconds;
        }
        if (outage >= 0)
            made_.notices.push_back({"late", last_heartbeat(begin, outage)});
        commit();
        made_.alive = true;
        made_.last_seen = kSeconds - between(1, kHeartbeat);
        if (chance(3))
            announce();
        return kSeconds;
    }

    // More than came, as the last heartbeat says.
    void announce() {
        const auto more = static_cast<std::uint64_t>(between(1, 5));
        made_.gaps.push_back({instance_, seq_ + 1, seq_ + more, kSeconds - 1});
        made_.holes.push_back({more, made_.lines.back().at, kSeconds - 1});
    }

    int finish(int begin, int end, int outage, int repaired) {
        if (outage >= 0)
            made_.notices.push_back({"offline", last_heartbeat(begin, std::min(outage, end))});
        const bool cut_off = outage >= 0 && repaired < 0;
        const int next = end + between(30, 4000);
        switch (between(0, 3)) {
            case 0:
                write("device.shutdown", end, {{"reason", "user"}});
                if (chance(2))
                    write("agent.stop", end + 1, {{"version", "1"}, {"reason", "shutdown"}});
                commit();
                fill(made_.state, end, next, "off");
                return after(next);
            case 1:
                write("device.sleep", end, {{"reason", "user"}});
                write("device.resume", next);
                fill(made_.state, end, next, "asleep");
                fill(made_.state, next, next + 1, "monitored");
                if (next + 300 < kSeconds) {  // works on a little, then is stopped
                    write("usb.detach", next + 200);
                    write("agent.stop", next + 250, {{"version", "1"}, {"reason", "upgrade"}});
                    fill(made_.state, next, next + 250, "monitored");
                    fill(seen_, next, next + 250, seen_before(end));
                    fill(made_.state, next + 250, next + 280, "agent stopped");
                    commit();
                    return after(next + 280);
                }
                fill(made_.state, next, kSeconds, "monitored");
                fill(seen_, next, kSeconds, seen_before(end));
                commit();
                made_.alive = true;
                made_.last_seen = kSeconds - 1;
                return kSeconds;
            case 2:
                write("agent.stop", end, {{"version", "1"}, {"reason", "service"}});
                commit();
                fill(made_.state, end, next, "agent stopped");
                return after(next);
            default: {
                commit();
                const int seen = last_heartbeat(begin, cut_off ? outage : end);
                made_.notices.push_back({"offline", seen});
                fill(made_.state, std::max(seen, made_.lines.back().at), next, "silent");
                return after(next);
            }
        }
    }

    [[nodiscard]] std::string seen_before(int second) const { return seen_[static_cast<std::size_t>(second - 1)]; }

    // What the collector heard last before the link broke. Connected at the start, a heartbeat a minute.
    static int last_heartbeat(int begin, int until) { return begin + (until - 1 - begin) / kHeartbeat * kHeartbeat; }

    int after(int next) {
        made_.last_seen = std::min(made_.last_seen, kSeconds);
        if (next < kSeconds && chance(5)) {
            previous_ = instance_;
            previous_seq_ = seq_;
            previous_at_ = made_.lines.back().at;
            new_instance();
            renewed_ = true;
        }
        return next;
    }

    void name_previous(Record& start, int begin) {
        switch (between(0, 2)) {
            case 0:
                start.set("previous_instance", "unknown");
                made_.broken_chains.push_back(begin);
                return;
            case 1:
                start.set("previous_instance", previous_).set("previous_seq", previous_seq_);
                return;
            default:
                const auto lost = static_cast<std::uint64_t>(between(1, 9));
                start.set("previous_instance", previous_).set("previous_seq", previous_seq_ + lost);
                made_.holes.push_back({lost, previous_at_, begin});
        }
    }

    void sensors(int begin, int end) {
        fill(seen_, begin, kSeconds, "unknown");
        write("camera.state", begin + 2, {{"state", "on"}});
        fill(seen_, begin + 2, kSeconds, "on");
        if (chance(2) && end - begin > 700) {
            const int covered = between(begin + 10, end - 300), again = covered + between(5, 250);
            write("camera.state", covered, {{"state", "covered"}});
            write("camera.state", again, {{"state", "on"}});
            fill(seen_, covered, again, "covered");
        }
        if (chance(3) && end - begin > 700) {
            const int lost = between(begin + 10, end - 300), back = lost + between(5, 250);
            write("agent.sensor", lost, {{"sensor", "usb"}, {"state", "degraded"}});
            write("agent.sensor", back, {{"sensor", "usb"}, {"state", "ok"}});
            fill(made_.usb, lost, back, "degraded");
        }
    }

    // Numbers what was written, in the order in which it was.
    void commit() {
        std::stable_sort(pending_.begin(), pending_.end(),
                         [](const WrittenLine& a, const WrittenLine& b) { return a.at < b.at; });
        for (WrittenLine& line : pending_) {
            line.seq = ++seq_;
            made_.lines.push_back(std::move(line));
        }
        pending_.clear();
    }

    // Some plain lines were evicted on the terminal: their places are kept, their times are not.
    void withhold() {
        auto& lines = made_.lines;
        for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
            if (lines[i].type != "usb.detach" || !chance(12))
                continue;
            std::size_t last = i;
            while (last + 2 < lines.size() && lines[last + 1].type == "usb.detach" && chance(2))
                ++last;
            if (lines[last + 1].type == "agent.start") {  // then the run's end would have no time that anybody can know
                i = last + 1;
                continue;
            }
            for (std::size_t one = i; one <= last; ++one)
                lines[one].withheld = true;
            made_.holes.push_back({last - i + 1, lines[i - 1].at, lines[last + 1].at});
            i = last + 1;
        }
    }

    std::mt19937 random_;
    std::uint32_t seed_;
    GeneratedHistory made_;
    std::vector<std::string> seen_ = std::vector<std::string>(kSeconds, "unknown");
    std::vector<WrittenLine> pending_;
    std::string instance_, previous_;
    std::uint64_t seq_ = 0, previous_seq_ = 0;
    int instances_ = 0, previous_at_ = 0;
    bool renewed_ = false;
};

}  // namespace

GeneratedHistory generate(std::uint32_t seed) { return Life(seed).live(); }

}  // namespace sallyport::coverage::testing
