import FoundationEssentials
import Glibc
import RLKernels
import RLParallel

/// What the figures were measured on.
struct Machine: Encodable {
  let cpu: String
  let cores: Int
  let kernels: String
  let peakGFLOPS: Spread  // of one core
  let busyAtStart: Double  // cores that others keep busy
  let date: String  // ISO 8601

  static func measure(_ settings: Settings) -> Machine {
    let busy = busyCores()
    let peaks = (0..<settings.repetitions * 3).map { _ in measurePeak() * 1e-9 }
    return Machine(
      cpu: cpuModel(), cores: WorkerPool.cores, kernels: KernelSupport.description,
      peakGFLOPS: Spread(peaks), busyAtStart: busy, date: Date.now.formatted(.iso8601))
  }

  /// Cores that other programs keep busy, over a second in which this one sleeps; 0 where the system
  /// does not say.
  static func busyCores() -> Double {
    let (before, start) = (busySeconds(), ContinuousClock.now)
    usleep(1_000_000)
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    return max(0, busySeconds() - before) / elapsed
  }

  /// All cores' time in programs and the kernel since the start of the system.
  private static func busySeconds() -> Double {
    guard let data = try? Data(contentsOf: URL(filePath: "/proc/stat")) else { return 0 }
    let line = String(decoding: data, as: UTF8.self).prefix { $0 != "\n" }
    let ticks = line.split(separator: " ").compactMap { Double($0) }
    let idle = ticks.dropFirst(3).prefix(2).reduce(0, +)
    return (ticks.prefix(7).reduce(0, +) - idle) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// A few lines for people, with a warning when others are at work.
  var text: String {
    let peak = "\(short(peakGFLOPS.median)) GFLOP/s (registers only)"
    let lines = ["\(cpu), \(cores) cores, \(kernels); peak of a core \(peak)"]
    guard busyAtStart > 0.5 else { return lines[0] }
    return lines[0] + "\nothers keep \(short(busyAtStart)) cores busy: the figures suffer"
  }

  /// The folder of this program, and of those built with it.
  static var programFolder: String {
    let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return (program ?? "").split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
  }

  private static func cpuModel() -> String {
    guard let data = try? Data(contentsOf: URL(filePath: "/proc/cpuinfo")) else { return "unknown" }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
    let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
    return model.map { $0.split(separator: " ").joined(separator: " ") } ?? "unknown"
  }
}
