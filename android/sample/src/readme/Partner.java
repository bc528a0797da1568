import io.mtdagent.MtdException;
import io.mtdagent.MtdStatus;

/** What the README's examples name of the app around them. */
final class Partner {
    static final String TRUST_JSON = "{}";

    private Partner() {
    }

    static boolean ownerAgreed() {
        return false;
    }

    static void show(MtdStatus status) {
    }

    static void show(MtdException error) {
    }
}
