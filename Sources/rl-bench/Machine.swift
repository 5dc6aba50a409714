import CBench
import FoundationEssentials
import RLKernels
import RLParallel

/// What the figures were measured on.
struct Machine: Encodable {
  let cpu: String
  let cores: Int
  let kernels: String
  let peakGFLOPS: Spread  // of one core
  let loadAtStart: Double

  static func measure(_ settings: Settings) -> Machine {
    let load = load()
    let peaks = (0..<settings.repetitions * 3).map { _ in measurePeak() * 1e-9 }
    return Machine(
      cpu: cpuModel(), cores: WorkerPool.cores, kernels: KernelSupport.description,
      peakGFLOPS: Spread(peaks), loadAtStart: load)
  }

  /// Runnable threads over the last minute, those of other programs included.
  static func load() -> Double { cb_load_average() }

  /// A few lines for people, with a warning when others are at work.
  var text: String {
    let peak = "\(short(peakGFLOPS.median)) GFLOP/s (registers only)"
    let lines = ["\(cpu), \(cores) cores, \(kernels); peak of a core \(peak)"]
    guard loadAtStart > 0.5 else { return lines[0] }
    return lines[0] + "\nload \(short(loadAtStart)): others are at work, the figures suffer"
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
