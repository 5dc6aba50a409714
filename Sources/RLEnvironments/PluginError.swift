/// Why a plugin, or an environment of it, could not be used. `path` is the library as the user named
/// it.
public enum PluginError: Error, Sendable, Equatable {
  /// There is no such file, or it may not be read.
  case missing(path: String, reason: String)
  /// The library cannot be loaded, a table is damaged, or a call failed before the first step.
  case refused(path: String, environment: String?, reason: String)
  /// What the user asked for does not exist: an environment, an option, a number of lanes.
  case usage(path: String, environment: String?, reason: String)
}

extension PluginError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing(let path, let reason): "\(path): \(reason)"
    case .refused(let path, let environment, let reason),
      .usage(let path, let environment, let reason):
      "\(path): " + (environment.map { "environment \($0): " } ?? "") + reason
    }
  }
}

/// A field of a plugin's table that cannot be used; the reason says what is wrong and what to do.
struct TableFault: Error, Equatable {
  var field: String
  var reason: String

  init(_ field: String, _ reason: String) {
    self.field = field
    self.reason = reason
  }

  var text: String { field.isEmpty ? reason : "\(field): \(reason)" }
}
