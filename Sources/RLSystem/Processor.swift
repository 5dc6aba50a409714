import Glibc

/// The CPU, for people.
public enum Processor {
  /// What the kernel calls it; `nil` where it does not say.
  public static var name: String? {
    guard let file = Descriptor.open("/proc/cpuinfo", O_RDONLY) else { return nil }
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 14) { buffer, count in
      count = unsafe file.read(into: UnsafeMutableRawBufferPointer(buffer)) ?? 0
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix("model name") }),
      let colon = line.firstIndex(of: ":")
    else { return nil }
    return String(line[line.index(after: colon)...].drop { $0 == " " })
  }
}
