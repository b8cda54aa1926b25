import type { Ecosystem } from './dependency';

/**
 * Names that attackers imitate: packages that a large part of all projects uses. Not a ranking, and not complete; the
 * project's own dependencies are compared with as well.
 */
const lists: Partial<Record<Ecosystem, string>> = {
  npm: `
    react react-dom react-router react-router-dom react-redux redux vue vue-router vuex pinia angular svelte next nuxt
    lodash underscore ramda moment dayjs date-fns luxon axios node-fetch got superagent request undici express koa
    fastify hapi body-parser cookie-parser cors helmet morgan multer passport jsonwebtoken bcrypt bcryptjs uuid nanoid
    chalk colors commander yargs minimist inquirer ora debug winston pino bunyan dotenv config cross-env cross-spawn
    typescript ts-node tslib webpack webpack-cli rollup vite esbuild parcel babel-core babel-loader babel-jest
    eslint prettier stylelint jest mocha chai sinon jasmine karma cypress playwright puppeteer selenium-webdriver
    mongoose mongodb mysql mysql2 pg redis ioredis sequelize typeorm prisma knex sqlite3 better-sqlite3
    socket.io socket.io-client ws graphql apollo-server apollo-client zod joi yup ajv validator
    async bluebird rxjs immutable immer classnames prop-types styled-components tailwindcss bootstrap jquery
    postcss autoprefixer sass less handlebars ejs pug mustache marked markdown-it cheerio jsdom sharp
    nodemon pm2 concurrently rimraf mkdirp glob minimatch semver fs-extra chokidar iconv-lite qs form-data
    electron discord.js web3 ethers bignumber.js crypto-js node-forge aws-sdk firebase stripe twilio nodemailer
    event-stream ua-parser-js coa rc left-pad is-odd inherits safe-buffer string-width strip-ansi ansi-styles
    vitest preact lodash-es react-native react-hook-form react-query react-select redux-thunk reselect formik
    date-fns-tz node-sass node-gyp node-cron node-ipc cookie session express-session express-validator socket.io-parser
    webpack-dev-server webpack-merge ts-jest ts-loader style-loader css-loader file-loader html-webpack-plugin
    eslint-plugin-react eslint-plugin-import eslint-config-prettier husky lint-staged patch-package turbo lerna
    mime mime-types accepts cookies etag vary depd destroy send bytes debug-fabulous picocolors kleur tinycolor2
    supports-color color color-convert color-name escape-string-regexp is-arrayish error-ex has-flag chart.js d3 three
    swr zustand jotai msw nock supertest pino-pretty helmet-csp sinon-chai bullmq bull ioredis-mock jose argon2
    puppeteer-core playwright-core dotenv-expand execa open glob-parent fast-glob micromatch picomatch braces slick
    @types/node @types/react @babel/core @babel/preset-env @angular/core @nestjs/core @tanstack/react-query
  `,
  pypi: `
    requests urllib3 certifi idna charset-normalizer boto3 botocore s3transfer awscli numpy pandas scipy matplotlib
    scikit-learn tensorflow torch torchvision keras transformers pillow opencv-python django djangorestframework flask
    fastapi starlette uvicorn gunicorn celery redis sqlalchemy alembic psycopg2 psycopg2-binary pymysql pymongo
    pydantic attrs marshmallow click typer rich colorama tqdm python-dateutil pytz pyyaml toml tomli jinja2 markupsafe
    werkzeug itsdangerous beautifulsoup4 lxml scrapy selenium playwright httpx aiohttp websockets twisted tornado
    pytest pytest-cov tox nox mypy black flake8 pylint isort ruff pre-commit coverage hypothesis setuptools wheel pip
    virtualenv poetry pipenv cryptography pyopenssl paramiko pycryptodome bcrypt pyjwt oauthlib google-auth
    google-cloud-storage azure-storage-blob azure-identity kubernetes docker ansible fabric jupyter notebook ipython
    mkdocs mkdocs-material sphinx jsonschema aiofiles orjson ujson simplejson tenacity loguru psutil pexpect ptyprocess
    regex tiktoken sentencepiece accelerate datasets polars pyarrow duckdb dask xgboost lightgbm statsmodels bokeh
    google-api-python-client google-cloud-bigquery msal kafka-python pika elasticsearch opensearch-py python-dotenv
    python-multipart python-jose email-validator factory-boy faker freezegun responses moto mock filelock platformdirs
    openai anthropic langchain streamlit plotly seaborn sympy networkx nltk spacy protobuf grpcio packaging six
  `,
  gem: `
    rails rake bundler rack puma unicorn sidekiq devise nokogiri activerecord activesupport actionpack pg mysql2 sqlite3
    redis rspec rspec-rails capybara factory_bot faker rubocop pry byebug dotenv bootsnap webpacker turbo-rails
    stimulus-rails jbuilder sass-rails uglifier coffee-rails jquery-rails kaminari will_paginate pundit cancancan
    carrierwave paperclip aws-sdk-s3 httparty faraday rest-client json jwt bcrypt sinatra jekyll thor minitest simplecov
  `,
  cargo: `
    serde serde_json serde_derive tokio async-std futures rand rand_core libc log env_logger tracing clap structopt
    regex lazy_static once_cell anyhow thiserror reqwest hyper actix-web axum warp rocket chrono time uuid url bytes
    num-traits itertools rayon crossbeam parking_lot syn quote proc-macro2 cfg-if bitflags semver toml base64 sha2 ring
    rust_decimal num-bigint num_cpus indexmap hashbrown smallvec ahash memchr aho-corasick either walkdir tempfile
    thread_local crossbeam-channel tokio-util tokio-stream async-trait pin-project chrono-tz strum csv clap_derive
    rustls openssl diesel sqlx redis mio tower tonic prost wasm-bindgen
  `,
  golang: `
    github.com/gin-gonic/gin github.com/gorilla/mux github.com/labstack/echo github.com/sirupsen/logrus
    github.com/spf13/cobra github.com/spf13/viper github.com/stretchr/testify github.com/pkg/errors
    github.com/google/uuid github.com/golang/protobuf github.com/aws/aws-sdk-go github.com/go-redis/redis
    github.com/boltdb/bolt github.com/urfave/cli github.com/prometheus/client_golang go.uber.org/zap
    google.golang.org/grpc google.golang.org/protobuf golang.org/x/crypto golang.org/x/net golang.org/x/sys
    github.com/gofiber/fiber github.com/go-chi/chi github.com/julienschmidt/httprouter github.com/fatih/color
    github.com/go-playground/validator github.com/golang-jwt/jwt github.com/jackc/pgx github.com/lib/pq
    github.com/mattn/go-sqlite3 github.com/hashicorp/vault github.com/rs/zerolog github.com/davecgh/go-spew
    golang.org/x/sync golang.org/x/text golang.org/x/tools golang.org/x/oauth2 gopkg.in/yaml.v3 go.etcd.io/bbolt
    gorm.io/gorm k8s.io/client-go k8s.io/api k8s.io/apimachinery
  `,
  composer: `
    symfony/console symfony/http-foundation symfony/http-kernel laravel/framework guzzlehttp/guzzle monolog/monolog
    phpunit/phpunit doctrine/orm doctrine/dbal twig/twig nesbot/carbon ramsey/uuid league/flysystem vlucas/phpdotenv
    psr/log nikic/php-parser phpmailer/phpmailer
  `,
  nuget: `
    newtonsoft.json serilog automapper nlog log4net dapper xunit nunit moq fluentassertions polly mediatr entityframework
    microsoft.extensions.logging microsoft.entityframeworkcore swashbuckle.aspnetcore restsharp stackexchange.redis
    npgsql mysql.data awssdk.core azure.identity hangfire quartz
  `,
  maven: `
    org.springframework:spring-core org.springframework.boot:spring-boot-starter-web org.slf4j:slf4j-api
    ch.qos.logback:logback-classic org.apache.logging.log4j:log4j-core org.apache.commons:commons-lang3
    commons-io:commons-io com.google.guava:guava com.fasterxml.jackson.core:jackson-databind
    com.fasterxml.jackson.core:jackson-core com.google.code.gson:gson junit:junit org.junit.jupiter:junit-jupiter
    org.mockito:mockito-core org.projectlombok:lombok org.hibernate.orm:hibernate-core org.postgresql:postgresql
    com.mysql:mysql-connector-j com.zaxxer:HikariCP io.netty:netty-all com.squareup.okhttp3:okhttp
    com.squareup.retrofit2:retrofit org.apache.httpcomponents.client5:httpclient5 org.jetbrains.kotlin:kotlin-stdlib
    org.assertj:assertj-core io.micrometer:micrometer-core org.bouncycastle:bcprov-jdk18on
  `,
  docker: `
    alpine ubuntu debian busybox node python golang rust ruby php openjdk nginx httpd redis postgres mysql mariadb mongo
    rabbitmq memcached traefik docker registry jenkins sonarqube grafana/grafana prom/prometheus
  `,
};

const sets = new Map<Ecosystem, readonly string[]>(
  Object.entries(lists).map(([ecosystem, text]) => [ecosystem as Ecosystem, text.trim().split(/\s+/)]),
);

/** The well-known names of an ecosystem; empty for one that has none here. */
export function popularPackages(ecosystem: Ecosystem): readonly string[] {
  return sets.get(ecosystem) ?? [];
}
