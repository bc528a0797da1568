// One life of a partner's app at a real gateway: `Life TRUST FOLDER COMMAND [ARGUMENTS]`. Prints one line of status, or
// what was thrown. The keys are files, made and used by openssl.
import Foundation
import MtdAgent
import Network

let arguments = CommandLine.arguments
guard arguments.count > 3 else {
    fatalError("Life TRUST FOLDER COMMAND [ARGUMENTS]")
}
let folder = URL(fileURLWithPath: arguments[2])
let host = Host()
var config = MtdIosConfig(trustJson: try String(contentsOfFile: arguments[1], encoding: .utf8))
config.folder = folder.appendingPathComponent("state")
config.inventory = host.inventory
let store = OpensslKeys(folder: folder.appendingPathComponent("keys"))
store.isBroken = arguments[3].hasSuffix("-throwing")
config.keys = store
config.refreshTask = "io.mtdagent.life.refresh"

NWPathMonitor.become(Life.wifi)

let life = Life(config: config, host: host)
let command = arguments[3].replacingOccurrences(of: "-throwing", with: "")
// The main thread is the system's: it answers what only it may.
Thread.detachNewThread {
    do {
        print(try life.live(command, Array(arguments.dropFirst(4))))
    } catch {
        fatalError("\(error)")
    }
    fflush(stdout)
    exit(0)
}
RunLoop.main.run()
