package io.mtdagent.android;

import java.security.Key;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * {@code AndroidKeyStore} for tests, as a provider of the JDK: it makes real keys, uses them, and gives none out. It can
 * be busy, damage or lose keys, and say no as the system does. What it holds outlives the process under test.
 */
public final class FakeAndroidKeyStore extends Provider {
    private static final long serialVersionUID = 1L;

    /** How the store answers. */
    public enum Mood {
        /** It works. */
        WELL,
        /** Its process does not answer: it knows no key, uses none and makes none. */
        BUSY,
        /** It makes no key and uses those it has. */
        FULL
    }

    /** What became of a key. */
    enum Harm { NONE, UNREADABLE, INVALIDATED, UNAUTHENTICATED, MISSING_INSIDE }

    /** A key inside: no handle leads to its secret. */
    static final class Entry {
        final Key secret;
        final PublicKey open;
        final boolean strongBox;
        final byte[] challenge;
        Harm harm = Harm.NONE;

        Entry(Key secret, PublicKey open, boolean strongBox, byte[] challenge) {
            this.secret = secret;
            this.open = open;
            this.strongBox = strongBox;
            this.challenge = challenge;
        }
    }

    /** What the app gets of a key: a name. */
    static final class Handle implements PrivateKey, javax.crypto.SecretKey {
        private static final long serialVersionUID = 1L;

        final String alias;
        private final String algorithm;

        Handle(String alias, String algorithm) {
            this.alias = alias;
            this.algorithm = algorithm;
        }

        @Override
        public String getAlgorithm() {
            return algorithm;
        }

        @Override
        public String getFormat() {
            return null;
        }

        @Override
        public byte[] getEncoded() {
            return null;
        }
    }

    final Map<String, Entry> entries = new TreeMap<>();
    /** How it answers from now on. */
    public volatile Mood mood = Mood.WELL;
    /** Keys lie in hardware. */
    public volatile boolean hardware = true;
    /** There is a secure element. */
    public volatile boolean strongBox;
    /** The maker gave it attestation keys. */
    public volatile boolean attests = true;
    /** Keys made. */
    public volatile int made;

    private FakeAndroidKeyStore() {
        super(SystemStore.NAME, 1.0, "for tests");
        Map<String, String> handles = Collections.singletonMap("SupportedKeyClasses", Handle.class.getName());
        service("KeyStore", SystemStore.NAME, null, () -> new FakeStore(this));
        service("KeyPairGenerator", "EC", null, () -> new FakeGenerators.Pairs(this, "EC"));
        service("KeyPairGenerator", "RSA", null, () -> new FakeGenerators.Pairs(this, "RSA"));
        service("KeyGenerator", "AES", null, () -> new FakeGenerators.Secrets(this));
        service("KeyFactory", "EC", null, () -> new FakeInfo(this));
        service("Signature", "SHA256withECDSA", handles, () -> new FakeUse.Signs(this));
        service("Cipher", "RSA/ECB/PKCS1Padding", handles, () -> new FakeUse.Ciphers(this, "RSA/ECB/PKCS1Padding"));
        service("Cipher", "AES/GCM/NoPadding", handles, () -> new FakeUse.Ciphers(this, "AES/GCM/NoPadding"));
    }

    /** Installs an empty one in place of any other. */
    public static FakeAndroidKeyStore install() {
        Security.removeProvider(SystemStore.NAME);
        FakeAndroidKeyStore store = new FakeAndroidKeyStore();
        Security.addProvider(store);
        return store;
    }

    /** Takes it away: this Android has none. */
    public static void remove() {
        Security.removeProvider(SystemStore.NAME);
    }

    /** As the system loses keys: by a new lock screen, an update, a reset of the hardware. */
    public void lose(String alias) {
        entries.remove(alias);
    }

    /** The key is there and can no longer be read. */
    public void damage(String alias) {
        harm(alias, Harm.UNREADABLE);
    }

    /** The system made the key useless, and says so (from API 23). */
    public void invalidate(String alias) {
        harm(alias, Harm.INVALIDATED);
    }

    /** The system wants the user first, and says so (from API 23). */
    public void withhold(String alias) {
        harm(alias, Harm.UNAUTHENTICATED);
    }

    /** The store says that its part inside is lost (from API 33). */
    public void forgetInside(String alias) {
        harm(alias, Harm.MISSING_INSIDE);
    }

    private void harm(String alias, Harm harm) {
        Entry entry = entries.get(alias);
        if (entry == null) {
            throw new AssertionError("no key " + alias + " in " + entries.keySet());
        }
        entry.harm = harm;
    }

    private void service(String type, String algorithm, Map<String, String> attributes, Supplier<Object> maker) {
        String name = FakeAndroidKeyStore.class.getName() + "$" + type + "$" + algorithm;
        putService(new Service(this, type, algorithm, name, null, attributes) {
            @Override
            public Object newInstance(Object parameter) {
                return maker.get();
            }
        });
    }
}
