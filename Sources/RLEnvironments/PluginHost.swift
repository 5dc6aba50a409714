internal import CRLEnv
internal import Glibc
internal import RLCore
internal import Synchronization

/// Where the log messages of plugins go: to stderr, until a sink is set.
public enum PluginLog {
  public enum Level: Int, Sendable, Comparable {
    case debug
    case info
    case warning
    case error

    public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
  }

  /// Takes a level, the plugin's id and one line of text, on any thread.
  public typealias Sink = @Sendable (Level, String, String) -> Void

  private static let sink = Mutex<Sink> { level, plugin, message in
    guard level >= .info else { return }
    var line = "\(plugin): \(message)\n"
    _ = line.withUTF8 { unsafe write(2, $0.baseAddress, $0.count) }
  }

  /// Sends further messages to `newSink`.
  public static func set(_ newSink: @escaping Sink) { sink.withLock { $0 = newSink } }

  static func post(_ level: Level, _ plugin: String, _ message: String) {
    let current = sink.withLock { $0 }
    current(level, plugin, message)
  }
}

/// What one plugin's log calls need: a name, and a limit, so that a plugin that logs every step does
/// not fill the disk.
private final class LogContext: Sendable {
  let plugin: String
  private let messages = Mutex(0)
  private static let limit = 1000

  init(plugin: String) { self.plugin = plugin }

  func log(_ level: Int32, _ message: String) {
    let number = messages.withLock { messages -> Int in
      messages += 1
      return messages
    }
    guard number <= Self.limit else { return }
    let level = PluginLog.Level(rawValue: Int(level)) ?? .info
    PluginLog.post(level, plugin, message)
    if number == Self.limit {
      PluginLog.post(.warning, plugin, "\(number) messages: further ones are not shown")
    }
  }
}

/// The `rlenv_host` that a plugin sees, followed by what belongs to it. Both live for ever, since
/// threads of the plugin may log at any time.
func makeHost(plugin: String, path: String) -> UnsafePointer<rlenv_host> {
  let folder = unsafe realpath(path, nil)
  defer { unsafe free(folder) }
  let library = unsafe folder.map { unsafe String(cString: $0) } ?? absolutePath(path)
  let directory = library.lastIndex(of: "/").map { String(library[..<$0]) } ?? "/"
  let offset = unsafe MemoryLayout<rlenv_host>.stride
  let memory = UnsafeMutableRawPointer.allocate(byteCount: offset + 8, alignment: 8)
  let context = unsafe Unmanaged.passRetained(LogContext(plugin: plugin)).toOpaque()
  unsafe memory.storeBytes(of: context, toByteOffset: offset, as: UnsafeMutableRawPointer.self)
  let host = unsafe memory.bindMemory(to: rlenv_host.self, capacity: 1)
  unsafe host.initialize(
    to: rlenv_host(
      size: UInt32(MemoryLayout<rlenv_host>.size), abi_major: UInt16(RLENV_ABI_MAJOR),
      abi_minor: UInt16(RLENV_ABI_MINOR), name: strdup("rl-host"), version: strdup(hostVersion),
      plugin_dir: strdup(directory.isEmpty ? "/" : directory), log: logFromPlugin,
      extension: { _, _ in nil }))
  return unsafe UnsafePointer(host)
}

private func logFromPlugin(
  _ host: UnsafePointer<rlenv_host>?, _ level: Int32, _ message: UnsafePointer<CChar>?
) {
  guard let host = unsafe host, let message = unsafe message else { return }
  let length = unsafe strnlen(message, 4096)
  let bytes = unsafe UnsafeRawBufferPointer(start: message, count: length)
  let context = unsafe UnsafeRawPointer(host).load(
    fromByteOffset: MemoryLayout<rlenv_host>.stride, as: UnsafeRawPointer.self)
  unsafe Unmanaged<LogContext>.fromOpaque(context).takeUnretainedValue().log(
    level, printable(String(decoding: bytes, as: UTF8.self)))
}
