// validate.js SCHEMA < DOCUMENT.yaml: prints each mistake that the schema finds, as "/path: message"; the exit code is 1 if there is one.
const fs = require('fs')
const Ajv = require('ajv/dist/2020')
const yaml = require('yaml')

const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(JSON.parse(fs.readFileSync(process.argv[2], 'utf8')))
if (!validate(yaml.parse(fs.readFileSync(0, 'utf8')))) {
  for (const error of validate.errors) console.log(`${error.instancePath}: ${error.message} ${Object.values(error.params).join(' ')}`)
  process.exitCode = 1
}
