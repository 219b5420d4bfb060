#include "solver/solution_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/error.hpp"

namespace ir {
namespace {

constexpr std::string_view magic = "IRSOLVED";

descriptor open_log(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) throw output_error(fmt::format("{}: {}", path, std::strerror(errno)));
  return {fd, path};
}

void cut(const descriptor& file, index_t bytes) {
  if (ftruncate(file.fd(), bytes) != 0)
    throw io_error(fmt::format("{}: {}", file.name(), std::strerror(errno)));
}

}  // namespace

solution_log::solution_log(const std::string& path, file what)
    : path_(path), file_(open_log(path)) {
  std::array<std::byte, sealed_head_bytes> head{};
  const auto known = std::min<std::size_t>(file_.read_at(0, head), magic.size());
  if (std::memcmp(head.data(), magic.data(), known) != 0)
    throw output_error(fmt::format("{}: is there already, and holds no solutions", path));
  if (what == file::fresh) cut(file_, 0);
}

metadata_ptr solution_log::next(queue& q, std::string_view problem, vec x) {
  std::array<std::byte, sealed_head_bytes> head{};
  const index_t end = file_.size();
  const auto bytes = file_.read_at(at_, head) == index_t{sealed_head_bytes}
                         ? sealed_bytes(magic, head)
                         : std::nullopt;
  std::optional<unsealed> record;
  std::vector<std::byte> all;
  if (bytes && *bytes <= end - at_) {
    all.resize(static_cast<std::size_t>(*bytes));
    file_.read_at(at_, all);
    record = unseal(magic, all);
  }
  if (!record) {
    if (end > at_) cut(file_, at_);
    return nullptr;
  }
  const index_t reals = x.in().size() * size_of(real_type(x.type()));
  if (record->json->text("problem") != std::string(problem) ||
      static_cast<index_t>(record->values.size()) != reals)
    throw data_error(fmt::format(
        "{}: these solutions are of another problem, data or options than these", path_));
  set_reals(q, record->values, x);
  at_ += *bytes;
  return record->json;
}

void solution_log::append(queue& q, std::string_view problem, std::string_view facts, cvec x) {
  const std::string json =
      fmt::format(R"({{"problem":{}{}{}}})", json_quoted(problem), facts.empty() ? "" : ",", facts);
  record_maker maker(magic, json, x.in().size() * size_of(real_type(x.type())));
  get_reals(q, x, maker.values());
  const std::vector<std::byte> record = maker.finish();
  file_.write_at(at_, record);
  file_.sync();
  at_ += std::ssize(record);
}

}  // namespace ir
