#include "io/text_file.hpp"

#include "io/descriptor.hpp"

namespace ir {

void write_file(const std::string& path, std::span<const std::byte> bytes,
                pending_file::existing policy) {
  pending_file target(path, policy);
  descriptor file = descriptor::create(target.temporary());
  file.write(bytes);
  file.close();
  target.finish();
  target.commit();
}

void write_text_file(const std::string& path, const std::string& text,
                     pending_file::existing policy) {
  write_file(path, std::as_bytes(std::span(text)), policy);
}

std::string read_text_file(const std::string& path) {
  descriptor file = descriptor::open_read(path);
  std::string text;
  char some[4096];
  while (const index_t n = file.read_some(std::as_writable_bytes(std::span(some))))
    text.append(some, static_cast<std::size_t>(n));
  return text;
}

}  // namespace ir
