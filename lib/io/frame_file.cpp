#include "io/frame_file.hpp"

#include "core/error.hpp"

namespace ir {

frame_file::frame_file(const std::string& path, const stream_header& header,
                       const create_options& options, const storable& can, layout l)
    : layout_(std::move(l)),
      stack_(!header.along.name.empty()),
      allow_empty_(options.allow_empty),
      values_(data_of(header), options, can),
      order_(header),
      file_(descriptor::create(path)) {
  const std::string first = this->header(1);
  file_.write(std::as_bytes(std::span(first)));
  if (layout_.gzip_level > 0) gzip_ = std::make_unique<gzip_writer>(file_, layout_.gzip_level);
}

std::string frame_file::header(index_t frames) const {
  return layout_.header ? layout_.header(values_.stored(), stack_, frames) : std::string();
}

void frame_file::put(frame& f, queue& q) {
  if (!order_.accept(f)) return;
  const cref out = values_.convert(f.data.get(), q);
  const std::span bytes(static_cast<const std::byte*>(out.data),
                        static_cast<std::size_t>(out.bytes()));
  gzip_ ? gzip_->write(bytes) : file_.write(bytes);
}

void frame_file::finish() {
  order_.finish(allow_empty_);
  if (gzip_) gzip_->finish();
  const std::string last = header(order_.frames());
  file_.write_at(0, std::as_bytes(std::span(last)));
  values_.finish();
  file_.close();
}

}  // namespace ir
