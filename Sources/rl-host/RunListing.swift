import RLSystem
import RLTraining

/// The runs in a folder, the newest last.
struct RunListing: Catalogue {
  private let runs: [Row]
  private let root: String

  private struct Row {
    var path: String
    var manifest: RunManifest
    var iqm: Double?  // of its last evaluation
    var resumableStep: Int?
  }

  init(root: String) {
    self.root = root
    let found = RunDirectory.runs(in: root).sorted {
      ($0.manifest.startedAt, $0.run.path) < ($1.manifest.startedAt, $1.run.path)
    }
    runs = found.map { run, manifest in
      // a run whose log cannot be read is listed all the same
      let records = (try? MetricsLog.read(run.metricsPath)) ?? []
      return Row(
        path: run.path, manifest: manifest,
        iqm: records.last { $0["eval/iqm"] != nil }?["eval/iqm"],
        resumableStep: run.resumableStep(manifest))
    }
  }

  var remarks: [String] { runs.isEmpty ? ["\(root): holds no runs"] : [] }

  func text(_ heading: (String) -> String) -> String {
    var table = Table([
      ("run", .left), ("environment", .left), ("algorithm", .left), ("seed", .right),
      ("steps", .right), ("IQM", .right), ("state", .left), ("resumable at", .right),
      ("started", .left),
    ])
    for row in runs {
      let manifest = row.manifest
      table.append([
        row.path, manifest.env, manifest.algo, "\(manifest.seed)",
        CountText.grouped(manifest.stepsMade ?? manifest.steps),
        row.iqm.map { fixed($0, decimals: 2) } ?? "-", manifest.stateText,
        row.resumableStep.map { CountText.grouped($0) } ?? "-", manifest.startedAt,
      ])
    }
    return table.text
  }

  var json: JSON {
    .object([
      .init("schema", .text("rl-host/list-runs/1")),
      .init(
        "runs",
        .list(
          runs.map {
            $0.manifest.json(path: $0.path, iqm: $0.iqm, resumableStep: $0.resumableStep)
          })),
    ])
  }
}

extension RunDirectory {
  /// The step from which the run can be gone on with; `nil` when it is complete, or is being made.
  ///
  /// What the newest checkpoint is called, as `resume` looks for it; whether it is whole is seen when
  /// it is read.
  func resumableStep(_ manifest: RunManifest) -> Int? {
    if manifest.state == .completed || manifest.stateText == RunManifest.State.running.rawValue {
      return nil
    }
    let names = (try? Folder.names(in: checkpointsPath)) ?? []
    return names.filter { $0.utf8.count == 12 }.compactMap { Int($0) }.max() ?? 0
  }
}

extension RunManifest {
  /// The run's state; `died` where it should be running and its process is gone.
  var stateText: String {
    let isGone = pid.map { !ProcessNumber.isRunning($0) } ?? false
    return state == .running && isGone ? "died" : state.rawValue
  }

  /// The run in a few fields.
  func json(path: String, iqm: Double?, resumableStep: Int?) -> JSON {
    .object([
      .init("run", .text(path)), .init("env", .text(env)), .init("plugin", .text(plugin)),
      .init("algo", .text(algo)), .init("seed", .integer(Int(seed))),
      .init("steps", .integer(steps)), .init("steps_made", .optional(stepsMade)),
      .init("state", .text(stateText)), .init("exit_code", .optional(exitCode.map(Int.init))),
      .init("resumable_at", .optional(resumableStep)), .init("error", .optional(error)),
      .init("iqm", .optional(iqm)),
      .init("started_at", .text(startedAt)), .init("ended_at", .optional(endedAt)),
    ])
  }
}
