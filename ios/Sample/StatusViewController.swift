import UIKit

/// The sample's one page.
final class StatusViewController: UIViewController {
    private let label = UILabel()
    private let button = UIButton(type: .system)

    var onConsent: () -> Void = {}

    var hasConsent = false {
        didSet { button.isHidden = hasConsent }
    }

    var text = "" {
        didSet { label.text = text }
    }

    override func viewDidLoad() {
        super.viewDidLoad()
        view.backgroundColor = .white
        label.numberOfLines = 0
        button.setTitle("I agree that this phone is protected and reports", for: .normal)
        button.titleLabel?.numberOfLines = 0
        button.addTarget(self, action: #selector(consent), for: .touchUpInside)
        for (nth, part) in [button, label].enumerated() {
            part.frame = CGRect(x: 16, y: 40 + 100 * nth, width: Int(view.bounds.width) - 32, height: nth == 0 ? 80 : 400)
            part.autoresizingMask = .flexibleWidth
            view.addSubview(part)
        }
    }

    @objc private func consent() {
        onConsent()
    }
}
