// SPDX-License-Identifier: Apache-2.0
#include "tests/agent/sensors/camera/stage/composed_clip.hpp"

#include <turbojpeg.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

#include "tests/agent/sensors/camera/stage/people.hpp"

namespace sallyport::camera::stage {
namespace {

constexpr int kQuality = 85;

void paste(cv::Mat& canvas, const Person& one, double face_x, double face_y) {
    const cv::Point corner(cvRound(face_x - one.face.x), cvRound(face_y - one.face.y));
    const cv::Rect there = cv::Rect(corner, one.bgr.size()) & cv::Rect(0, 0, canvas.cols, canvas.rows);
    if (there.empty())
        return;
    const cv::Rect from(there.tl() - corner, there.size());
    cv::Mat alpha;
    cv::cvtColor(one.alpha(from), alpha, cv::COLOR_GRAY2BGR);
    cv::Mat target = canvas(there);
    cv::Mat mixed = one.bgr(from).mul(alpha) + target.mul(cv::Scalar::all(1) - alpha);
    mixed.copyTo(target);
}

// 0 before and after, 1 between, over so many seconds of ramp.
double ramp(double t, const Act& act, double seconds) {
    return std::clamp(std::min((t - act.t0) / seconds, (act.t1 - t) / seconds), 0.0, 1.0);
}

class Composer {
public:
    Composer(const std::filesystem::path& vision, const Script& script) : script_(script) {
        room(vision, script.room).convertTo(background_, CV_32FC3);
        dice_.fill(noise_, cv::RNG::NORMAL, 0, script.noise);
        if (script.operator_face > 0)
            operator_ = person(vision, script.operator_who, script.operator_face);
        for (const Act& act : script.acts) {
            Person one;
            if (act.kind == "onlooker" || act.kind == "passer" || act.kind == "poster")
                one = person(vision, act.who, act.px);
            else if (act.kind == "back")
                one = turned_away(person(vision, act.who, act.px));
            people_.push_back(one);
        }
    }

    cv::Mat frame(double t) {
        cv::Mat canvas = background_.clone();
        for (std::size_t i = 0; i < people_.size(); ++i)
            add_person(canvas, script_.acts[i], people_[i], t);
        if (script_.operator_face > 0)
            add_operator(canvas, t);
        for (const Act& act : script_.acts)
            if (t >= act.t0 && t < act.t1)
                disturb(canvas, act, t);
        canvas *= script_.light;
        // Another cut of one field of noise for each picture: drawing a new field costs more than all the rest.
        const cv::Point corner(dice_.uniform(0, noise_.cols - canvas.cols), dice_.uniform(0, noise_.rows - canvas.rows));
        canvas += noise_(cv::Rect(corner, canvas.size()));
        canvas.convertTo(canvas, CV_8UC3);
        return canvas;
    }

private:
    static double sway(double t, double size, double phase) {
        return size * 0.03 * (std::sin(0.9 * t + phase) + 0.6 * std::sin(0.37 * t + 2 * phase));
    }

    void add_person(cv::Mat& canvas, const Act& act, const Person& one, double t) {
        if (one.bgr.empty() || t < act.t0 || t >= act.t1)
            return;
        const double edge = act.x < 320 ? -2 * act.px : 640 + 2 * act.px;
        double x = act.x;
        if (act.kind == "poster")
            return paste(canvas, one, act.x, act.y);
        if (act.kind == "passer")
            x = edge + (640 - 2 * edge) * (t - act.t0) / (act.t1 - act.t0);
        else
            x = edge + (act.x - edge) * ramp(t, act, 1.0);
        paste(canvas, one, x + sway(t, act.px, 1), act.y + sway(t, act.px, 2));
    }

    void add_operator(cv::Mat& canvas, double t) {
        double away = 0;
        for (const Act& act : script_.acts)
            if (act.kind == "absent")
                away = std::max(away, ramp(t, act, 0.6));
        if (away >= 1)
            return;
        const double size = script_.operator_face;
        paste(canvas, operator_, 320 - 0.38 * size + sway(t, size, 0) + away * 600,
              std::max(30.0, 240 - 0.55 * size) + sway(t, size, 3) + away * 120);
    }

    static void cover(cv::Mat& canvas, const cv::Scalar& colour, double slope, double share) {
        cv::Mat lid(canvas.size(), CV_32FC3, colour);
        for (int y = 0; y < lid.rows; ++y)
            lid.row(y) += cv::Scalar::all(slope * y / lid.rows);
        canvas = lid * share + canvas * (1 - share);
    }

    void disturb(cv::Mat& canvas, const Act& act, double t) {
        const double share = ramp(t, act, 0.5);
        if (act.kind == "cover_dark")
            cover(canvas, {14, 8, 18}, 6, share);
        else if (act.kind == "cover_tape")
            cover(canvas, {118, 148, 158}, 22, share);
        else if (act.kind == "cover_hand")
            cover(canvas, {60, 75, 130}, -28, share);
        else if (act.kind == "defocus" && share > 0)
            cv::GaussianBlur(canvas, canvas, cv::Size(), std::max(0.3, act.px * share));
        else if (act.kind == "slow_defocus")
            cv::GaussianBlur(canvas, canvas, cv::Size(), 0.3 + act.px * (t - act.t0) / (act.t1 - act.t0));
        else if (act.kind == "moved")
            turn(canvas, act, share);
        else if (act.kind == "slow_turn")
            turn(canvas, act, (t - act.t0) / (act.t1 - act.t0));
        else if (act.kind == "dim" || act.kind == "flash")
            canvas *= 1 + (act.px - 1) * share;
    }

    static void turn(cv::Mat& canvas, const Act& act, double share) {
        cv::Mat matrix = cv::getRotationMatrix2D({320, 240}, act.rotation * share, 1);
        matrix.at<double>(0, 2) += act.x * share;
        matrix.at<double>(1, 2) += act.y * share;
        cv::warpAffine(canvas, canvas, matrix, canvas.size(), cv::INTER_LINEAR, cv::BORDER_REFLECT);
    }

    const Script& script_;
    cv::Mat background_;
    Person operator_;
    std::vector<Person> people_;
    cv::RNG dice_{1};
    cv::Mat noise_ = cv::Mat(640, 800, CV_32FC3);
};

}  // namespace

void compose(const std::filesystem::path& vision, const Script& script, const std::filesystem::path& mjpeg) {
    Composer composer(vision, script);
    std::ofstream out(mjpeg, std::ios::binary | std::ios::trunc);
    const tjhandle turbo = tjInitCompress();
    std::vector<std::string> written;
    const int count = static_cast<int>(script.seconds * script.frames_per_second);
    const bool repeats = std::ranges::any_of(
        script.acts, [](const Act& act) { return act.kind == "freeze" || act.kind == "loop"; });
    for (int number = 0; number < count; ++number) {
        const double t = static_cast<double>(number) / script.frames_per_second;
        std::string jpeg;
        for (const Act& act : script.acts) {
            if (t < act.t0 || t >= act.t1 || (act.kind != "freeze" && act.kind != "loop"))
                continue;
            const int first = static_cast<int>(act.t0 * script.frames_per_second);
            const int period = act.kind == "freeze" ? 1 : static_cast<int>(act.px * script.frames_per_second);
            jpeg = written[static_cast<std::size_t>(first - period + (number - first) % period)];
        }
        if (jpeg.empty()) {
            const cv::Mat picture = composer.frame(t);
            unsigned char* bytes = nullptr;
            unsigned long size = 0;
            if (tjCompress2(turbo, picture.data, picture.cols, static_cast<int>(picture.step), picture.rows, TJPF_BGR,
                            &bytes, &size, TJSAMP_420, kQuality, 0) != 0)
                throw std::runtime_error(tjGetErrorStr2(turbo));
            jpeg.assign(reinterpret_cast<const char*>(bytes), size);
            tjFree(bytes);
        }
        out << jpeg;
        if (repeats)
            written.push_back(std::move(jpeg));
    }
    tjDestroy(turbo);
}

}  // namespace sallyport::camera::stage
