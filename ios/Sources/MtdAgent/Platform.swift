import Foundation
#if canImport(MtdAgentFFI)
import MtdAgentFFI
#endif

/// The agent and what iOS does for it. Everything that changes it happens on the queue `mtd-platform`; who waits for the
/// agent waits on `changed`.
final class Platform {
    /// A key store that is not ready says once that a key is gone; after so many times it is believed.
    private static let believedLost = 2
    /// Between two attempts to start, where the remedy is the same again later.
    private static let again: TimeInterval = 60
    /// How often a contact looks whether it was cancelled.
    private static let look: TimeInterval = 0.2
    /// The check-in interval until policy says another.
    static let defaultInterval: TimeInterval = 4 * 60 * 60

    let system: System
    let config: MtdIosConfig
    let listener: MtdIosListener
    private let managed: ManagedConfiguration
    private let queue = DispatchQueue(label: "mtd-platform")
    private let changed = NSCondition()
    private var held: MtdAgent?
    private var isStopped = false
    /// Attempts in a row, after the first unlock, that found what is stored lost. Of the queue.
    private var lost = 0
    private var said: MtdConfiguration?
    /// What was told last of network and charger. Of the queue.
    private var network: MtdNetwork?
    private var charging: Bool?
    private var endWatch: () -> Void = {}
    private var observer: NSObjectProtocol?

    init(config: MtdIosConfig, listener: MtdIosListener, system: System) {
        self.config = config
        self.listener = listener
        self.system = system
        managed = ManagedConfiguration(defaults: system.defaults)
    }

    var agent: MtdAgent? {
        changed.lock()
        defer { changed.unlock() }
        return held
    }

    func start() {
        observer = NotificationCenter.default.addObserver(
            forName: UserDefaults.didChangeNotification, object: nil, queue: nil
        ) { [weak self] _ in
            self?.heard()
        }
        endWatch = system.watch(self)
        queue.async { self.attempt() }
    }

    /// Contacts the cloud on a thread of its own.
    func contact(seconds: TimeInterval, end: @escaping (MtdContactEnd) -> Void) -> MtdContact {
        let contact = MtdContact(end: end)
        let until = Date(timeIntervalSinceNow: seconds)
        let thread = Thread {
            contact.finish(self.contact(contact, until: until))
        }
        thread.name = "mtd-wake"
        thread.start()
        return contact
    }

    private func contact(_ contact: MtdContact, until: Date) -> MtdContactEnd {
        queue.async { self.attempt() }
        guard let agent = awaited(contact, until: until) else {
            return .notRunning
        }
        do {
            try agent.configure(configurations: [managed.read()])
            try agent.checkIn()
            while !contact.isOver {
                let left = until.timeIntervalSinceNow
                if left <= 0 {
                    return .outOfTime
                }
                if try agent.settle(budgetMs: UInt64(min(left, Platform.look) * 1000)) {
                    return .settled
                }
            }
            return .cancelled
        } catch let error as MtdError {
            return .failed(error)
        } catch {
            return .notRunning
        }
    }

    private func awaited(_ contact: MtdContact, until: Date) -> MtdAgent? {
        changed.lock()
        defer { changed.unlock() }
        while held == nil && !isStopped && !contact.isOver && until.timeIntervalSinceNow > 0 {
            _ = changed.wait(until: min(until, Date(timeIntervalSinceNow: Platform.look)))
        }
        return held
    }

    /// Blocks as long as the agent takes to end.
    func stop() throws {
        try agent?.stop()
        changed.lock()
        let first = !isStopped
        isStopped = true
        held = nil
        changed.broadcast()
        changed.unlock()
        if first {
            observer.map(NotificationCenter.default.removeObserver)
            endWatch()
        }
    }

    /// The device was unlocked for the first time since the boot.
    func unlocked() {
        queue.async {
            try? self.agent?.unlocked()
            self.attempt()
        }
    }

    /// The network changed, or is told for the first time.
    func told(network: MtdNetwork) {
        queue.async {
            self.network = network
            try? self.agent?.networkChanged(network: network)
        }
    }

    /// The charger was plugged in or out, or is told for the first time.
    func told(charging: Bool) {
        queue.async {
            self.charging = charging
            try? self.agent?.powerChanged(charging: charging)
        }
    }

    /// By what the cloud last asked for.
    var secondsToNextContact: TimeInterval {
        let next = (try? agent?.status())?.nextContactInMs
        return next.map { TimeInterval($0) / 1000 } ?? Platform.defaultInterval
    }

    /// On the queue.
    private func attempt() {
        changed.lock()
        let wanted = held == nil && !isStopped
        changed.unlock()
        guard wanted else {
            return
        }
        do {
            let started = try begin()
            lost = 0
            changed.lock()
            let late = isStopped
            held = late ? nil : started
            changed.broadcast()
            changed.unlock()
            if late {
                try? started.stop()
            } else {
                try network.map(started.networkChanged)
                try charging.map(started.powerChanged)
                try listener.started(agent: started)
            }
        } catch let error as MtdError where agent == nil {
            failed(error)
        } catch {
            // The app's listener: as documented.
        }
    }

    private func begin() throws -> MtdAgent {
        guard !system.isExtension else {
            throw mtdError(code: MtdCode.storageBusy)
        }
        guard SchemeProbes.areDeclared(config.probes, in: system.declaredSchemes) else {
            throw mtdError(code: MtdCode.argument)
        }
        let own = system.applicationSupport?.appendingPathComponent(AgentFolder.name)
        guard let folder = config.folder ?? own else {
            throw mtdError(code: MtdCode.storageIo)
        }
        do {
            try AgentFolder(url: folder).make()
        } catch {
            throw mtdError(code: MtdCode.storageIo)
        }
        let managed = self.managed.read()
        said = managed
        let agentConfig = MtdConfig(
            trustJson: config.trustJson, folder: folder.path, partners: config.partners,
            configurations: [config.configuration, managed].compactMap { $0 })
        let begin = lost < Platform.believedLost ? MtdAgent.start : MtdAgent.startOver
        return try begin(agentConfig, config.keys, Sensors(system: system, config: config), Relay(platform: self))
    }

    private func failed(_ error: MtdError) {
        lost = error.remedy == .startOver ? lost + 1 : 0
        switch error.remedy {
        case .startOver, .retry:
            queue.asyncAfter(deadline: .now() + Platform.again) { [weak self] in self?.attempt() }
        case .waitForUnlock, .waitForNetwork, .newChain, .newCredential, .reactivate, .stop, .correctTheCall:
            break
        }
        listener.notStarted(error: error)
    }

    private func heard() {
        queue.async { self.hear() }
    }

    /// The defaults changed: is it what the administrator says? On the queue.
    private func hear() {
        let now = managed.read()
        guard let agent = agent, now != said else {
            return
        }
        said = now
        try? agent.configure(configurations: [now])
        try? agent.checkIn()
    }

    /// Tells the administrator, and plans wakes by what the cloud last asked for. On any thread.
    func follow(_ status: MtdStatus) {
        queue.async {
            self.managed.tell(status)
            switch status.activation {
            case .deactivated:
                break
            case .pending, .activated:
                let next = status.nextContactInMs.map { TimeInterval($0) / 1000 } ?? Platform.defaultInterval
                self.system.plan(self.config.refreshTask, next)
            }
        }
    }
}

/// Passes on to the app what the agent says.
private final class Relay: MtdListener, @unchecked Sendable {
    private weak var platform: Platform?
    private let listener: MtdIosListener

    init(platform: Platform) {
        self.platform = platform
        listener = platform.listener
    }

    func statusChanged(status: MtdStatus) {
        platform?.follow(status)
        listener.statusChanged(status: status)
    }

    func webVerdict(answer: MtdWebAnswer) {
        listener.webVerdict(answer: answer)
    }

    func inert(error: MtdError) {
        listener.inert(error: error)
    }
}
