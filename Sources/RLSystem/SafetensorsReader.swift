extension Safetensors {
  /// Reads a whole file that may be damaged or hostile.
  ///
  /// Stricter than the reference implementation, which takes duplicate keys and a leading space.
  /// Every size is compared with what is there before anything is allocated for it; tensors share
  /// the storage of `bytes`.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - file: its name, for the error.
  /// - Throws: `SafetensorsError` with the first fault found.
  public init(_ bytes: [UInt8], file: String) throws(SafetensorsError) {
    do throws(SafetensorsFault) {
      let headerEnd = try Self.headerEnd(bytes)
      var parser = SafetensorsHeader(bytes[8..<headerEnd])
      try parser.parse()
      let data = bytes[headerEnd...]
      try Self.checkLayout(parser.entries, dataCount: data.count)
      self.init(
        metadata: parser.metadata,
        tensors: parser.entries.map { entry in
          Tensor(
            name: entry.name, element: entry.element, shape: entry.shape,
            bytes: data[(headerEnd + entry.begin)..<(headerEnd + entry.end)])
        })
    } catch {
      throw SafetensorsError(file: file, fault: error.fault)
    }
  }

  private static func headerEnd(_ bytes: [UInt8]) throws(SafetensorsFault) -> Int {
    guard bytes.count >= 8 else { throw .init(.tooShort(bytes: bytes.count)) }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= Limit.headerBytes else { throw .init(.headerTooLarge(bytes: length)) }
    guard Int(length) <= bytes.count - 8 else {
      throw .init(.headerBeyondEnd(bytes: Int(length), available: bytes.count - 8))
    }
    return 8 + Int(length)
  }

  /// The tensors must fill the data exactly, one after the other.
  private static func checkLayout(
    _ entries: [SafetensorsHeader.Entry], dataCount: Int
  ) throws(SafetensorsFault) {
    var end = 0
    for entry in entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      try checkSize(entry)
      guard entry.end <= dataCount else {
        throw .init(.truncated(tensor: entry.name, needed: entry.end, available: dataCount))
      }
      guard entry.begin >= end else { throw .init(.overlap(tensor: entry.name)) }
      guard entry.begin == end else {
        throw .init(.hole(tensor: entry.name, bytes: entry.begin - end))
      }
      end = entry.end
    }
    guard end == dataCount else { throw .init(.trailingBytes(dataCount - end)) }
  }

  private static func checkSize(_ entry: SafetensorsHeader.Entry) throws(SafetensorsFault) {
    guard entry.begin <= entry.end else { throw .init(.offsetsReversed(tensor: entry.name)) }
    var size = entry.element.byteCount
    for extent in entry.shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw .init(.shapeOverflows(tensor: entry.name)) }
      size = product
    }
    guard size == entry.end - entry.begin else {
      throw .init(
        .sizeMismatch(tensor: entry.name, needed: size, given: entry.end - entry.begin))
    }
  }
}

/// A fault on its way to the place that knows the file's name.
package struct SafetensorsFault: Error, CustomStringConvertible {
  package var fault: SafetensorsError.Fault

  package var description: String { fault.text }

  init(_ fault: SafetensorsError.Fault) { self.fault = fault }
}
