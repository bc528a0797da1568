import UIKit

/// The sample's one page.
final class StatusViewController: UIViewController {
    private let page = UITextView()
    private let button = UIButton(type: .system)

    var onConsent: () -> Void = {}

    var hasConsent = false {
        didSet { button.isHidden = hasConsent }
    }

    var text = "" {
        didSet { page.text = text }
    }

    override func viewDidLoad() {
        super.viewDidLoad()
        view.backgroundColor = .white
        page.isEditable = false
        button.setTitle("I agree that this phone reports its security state", for: .normal)
        button.titleLabel?.numberOfLines = 0
        button.addTarget(self, action: #selector(consent), for: .touchUpInside)
        for (nth, part) in [button, page].enumerated() {
            part.frame = CGRect(x: 16, y: 40 + 100 * nth, width: Int(view.bounds.width) - 32, height: nth == 0 ? 80 : 400)
            part.autoresizingMask = .flexibleWidth
            view.addSubview(part)
        }
    }

    @objc private func consent() {
        onConsent()
    }
}
