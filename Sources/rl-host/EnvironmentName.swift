import RLSystem
import RLTraining

/// `PATH[:Id]`: a library, and which of its environments.
struct EnvironmentName: Equatable {
  var path: String
  var id: String?

  /// Takes apart what the user typed. A file may have colons in its name, and so may an id: the
  /// shortest part before a colon that is a file is the library.
  init(_ text: String) {
    self.init(text, isFile: { PathKind(of: $0) != .missing })
  }

  /// A library's path that a run noted: as it stands, relative to where the run was started. That is
  /// usually here, or else the folder above that of the runs.
  static func located(_ path: String, besideRun run: RunDirectory) -> String {
    guard !path.hasPrefix("/"), PathKind(of: path) == .missing else { return path }
    let beside = "\(run.path)/../../\(path)"
    return PathKind(of: beside) == .file ? beside : path
  }

  /// Takes apart `text`; `isFile` tells whether there is a file of that name.
  init(_ text: String, isFile: (String) -> Bool) {
    let colons = text.indices.filter { text[$0] == ":" }
    let cut =
      isFile(text) ? nil : colons.first { isFile(String(text[..<$0])) } ?? colons.last
    path = cut.map { String(text[..<$0]) } ?? text
    id = cut.map { String(text[text.index(after: $0)...]) }
  }
}

extension RunDirectory {
  /// The folder that `file` is in.
  init(containing file: String) {
    self.init(path: file.lastIndex(of: "/").map { String(file[..<$0]) } ?? ".")
  }
}
