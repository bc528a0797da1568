package io.mtdagent.android;

import android.os.Build;
import android.security.KeyPairGeneratorSpec;
import android.security.keystore.KeyGenParameterSpec;
import android.security.keystore.StrongBoxUnavailableException;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyPairGeneratorSpi;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.text.DecimalFormatSymbols;
import javax.crypto.KeyGenerator;
import javax.crypto.KeyGeneratorSpi;
import javax.crypto.SecretKey;

/** Makes keys inside the store, by the real specifications of Android. */
final class FakeGenerators {
    private FakeGenerators() {
    }

    static final class Pairs extends KeyPairGeneratorSpi {
        private final FakeAndroidKeyStore inside;
        private final String algorithm;
        private AlgorithmParameterSpec spec;

        Pairs(FakeAndroidKeyStore inside, String algorithm) {
            this.inside = inside;
            this.algorithm = algorithm;
        }

        @Override
        public void initialize(int bits, SecureRandom random) {
            throw new IllegalArgumentException("needs a specification");
        }

        @Override
        public void initialize(AlgorithmParameterSpec asked, SecureRandom random)
                throws InvalidAlgorithmParameterException {
            if (algorithm.equals("EC") && Build.VERSION.SDK_INT < 23) {
                throw new InvalidAlgorithmParameterException("no EC before 23");
            }
            spec = asked;
        }

        @Override
        public KeyPair generateKeyPair() {
            refuse(inside);
            boolean ascii = DecimalFormatSymbols.getInstance().getZeroDigit() == '0';
            if (Build.VERSION.SDK_INT <= 23 && !ascii) {
                throw new IllegalArgumentException("invalid date string");
            }
            boolean strongBox = false;
            byte[] challenge = null;
            String alias;
            if (spec instanceof KeyPairGeneratorSpec) {
                alias = ((KeyPairGeneratorSpec) spec).getKeystoreAlias();
            } else {
                KeyGenParameterSpec asked = (KeyGenParameterSpec) spec;
                alias = asked.getKeystoreAlias();
                strongBox = Build.VERSION.SDK_INT >= 28 && asked.isStrongBoxBacked();
                challenge = Build.VERSION.SDK_INT >= 24 ? asked.getAttestationChallenge() : null;
            }
            if (strongBox && !inside.strongBox) {
                throw new StrongBoxUnavailableException();
            }
            if (challenge != null && !inside.attests) {
                throw new ProviderException("no attestation keys");
            }
            try {
                KeyPairGenerator real = KeyPairGenerator.getInstance(algorithm);
                real.initialize(algorithm.equals("EC") ? 256 : 2048);
                KeyPair pair = real.generateKeyPair();
                inside.entries.put(alias,
                        new FakeAndroidKeyStore.Entry(pair.getPrivate(), pair.getPublic(), strongBox, challenge));
                inside.made++;
                return new KeyPair(pair.getPublic(), new FakeAndroidKeyStore.Handle(alias, algorithm));
            } catch (GeneralSecurityException none) {
                throw new ProviderException(none);
            }
        }
    }

    static final class Secrets extends KeyGeneratorSpi {
        private final FakeAndroidKeyStore inside;
        private KeyGenParameterSpec spec;

        Secrets(FakeAndroidKeyStore inside) {
            this.inside = inside;
        }

        @Override
        protected void engineInit(SecureRandom random) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void engineInit(AlgorithmParameterSpec asked, SecureRandom random) {
            spec = (KeyGenParameterSpec) asked;
        }

        @Override
        protected void engineInit(int bits, SecureRandom random) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected SecretKey engineGenerateKey() {
            refuse(inside);
            try {
                KeyGenerator real = KeyGenerator.getInstance("AES");
                real.init(spec.getKeySize());
                inside.entries.put(spec.getKeystoreAlias(),
                        new FakeAndroidKeyStore.Entry(real.generateKey(), null, false, null));
                inside.made++;
                return new FakeAndroidKeyStore.Handle(spec.getKeystoreAlias(), "AES");
            } catch (GeneralSecurityException none) {
                throw new ProviderException(none);
            }
        }
    }

    /** As the system says it: by a state before API 23, by its provider after. */
    private static void refuse(FakeAndroidKeyStore inside) {
        if (inside.mood == FakeAndroidKeyStore.Mood.WELL) {
            return;
        }
        if (Build.VERSION.SDK_INT < 23) {
            throw new IllegalStateException("could not generate key in keystore");
        }
        throw new ProviderException("Keystore operation failed");
    }
}
